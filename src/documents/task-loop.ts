import { toError } from '../core/errors.ts';
import { SyncFailedError } from '../store/store-errors.ts';

/** One of the loop's tasks; it may be cut short by the signal. */
export type LoopTask = (signal: AbortSignal) => Promise<unknown>;

export interface TaskLoopOptions {
  readonly tasks: readonly LoopTask[];
  readonly intervalMs: number;
  /** A task failed; it is tried again after the interval. */
  readonly onFailure: (error: Error) => void;
  /** The disk can no longer be trusted. */
  readonly onFatal: (error: Error) => void;
}

/** Runs the tasks one after the other, again and again, until it is disposed. */
export class TaskLoop implements AsyncDisposable {
  readonly #o: TaskLoopOptions;
  readonly #abort = new AbortController();
  #timer: NodeJS.Timeout | undefined;
  #running: Promise<void> = Promise.resolve();

  constructor(options: TaskLoopOptions) {
    this.#o = options;
  }

  start(): void {
    if (this.#abort.signal.aborted) return;
    this.#running = this.#round().then(() => {
      if (this.#abort.signal.aborted) return;
      this.#timer = setTimeout(() => this.start(), this.#o.intervalMs);
    });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#abort.abort();
    clearTimeout(this.#timer);
    await this.#running;
  }

  async #round(): Promise<void> {
    for (const task of this.#o.tasks) {
      if (this.#abort.signal.aborted) return;
      try {
        await task(this.#abort.signal);
      } catch (error) {
        if (error instanceof SyncFailedError) this.#o.onFatal(error);
        else this.#o.onFailure(toError(error));
      }
    }
  }
}
