import type { Logger } from '../../observability/loggers.ts';
import type { Reconciler } from './reconciler.ts';

export interface DailyReconciliationParts {
  readonly reconciler: Reconciler;
  /** ms after which a study is asked about again */
  readonly every: number;
  /** Something goes to the archive again. */
  readonly toppedUp: () => void;
  readonly log: Logger;
  readonly now: () => number;
}

/** So often it is looked whose turn it is, and so many studies are asked about then: never a burst at the archive. */
const LOOK_MS = 60_000;
const STUDIES_AT_ONCE = 500;

/** Asks the archives about every study once in `every`, a few at a time. */
export class DailyReconciliation implements AsyncDisposable {
  readonly #parts: DailyReconciliationParts;
  readonly #stop = new AbortController();
  #timer: NodeJS.Timeout | undefined;
  #running: Promise<void> | undefined;

  constructor(parts: DailyReconciliationParts) {
    this.#parts = parts;
  }

  start(): void {
    this.#timer = setTimeout(
      () => {
        this.#running = this.#look().finally(() => {
          if (!this.#stop.signal.aborted) this.start();
        });
      },
      Math.min(LOOK_MS, this.#parts.every),
    );
    this.#timer.unref();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#stop.abort(new Error('the egress process ends'));
    clearTimeout(this.#timer);
    await this.#running;
  }

  async #look(): Promise<void> {
    const { reconciler, every, toppedUp, log, now } = this.#parts;
    try {
      const run = { before: now() - every, studyUid: null, limit: STUDIES_AT_ONCE };
      const counts = await reconciler.run(run, this.#stop.signal);
      if (counts.studies > 0) log.info('the archive was asked what it has', { ...counts });
      if (counts.again > 0) toppedUp();
    } catch (error) {
      if (!this.#stop.signal.aborted) log.error('the archive could not be asked what it has', { error });
    }
  }
}
