import { toError } from '../../core/errors.ts';
import { Dispatcher } from './dispatcher.ts';
import type { DispatcherParts, QueueDestination } from './dispatcher.ts';
import type { ReportDesk } from './job-runner.ts';
import { QueueIntake } from './queue-intake.ts';
import type { IntakeParts } from './queue-intake.ts';

export interface EngineParts
  extends Omit<IntakeParts, 'destinations'>, Pick<DispatcherParts, 'index' | 'runner' | 'gate' | 'log' | 'now'> {
  readonly destinations: readonly QueueDestination[];
  readonly reports: ReportDesk;
  /** Called once when the index can no longer be trusted. */
  readonly onFatal: (error: Error) => void;
}

/** Without being told, what others commit is noticed within this time; the question costs a few microseconds. */
const LOOK_MS = 2000;
/** Schedules, breakers and jobs that were put off are looked at this often, whatever happens. */
const TURN_MS = 10_000;
/** Being told again and again, as while objects come in, makes no more turns than this. */
const PAUSE_MS = 250;

/**
 * The queue at work: takes reports and studies in, judges, resumes, dispatches, over and over. All that it knows is in the database, so
 * it can be killed at any time and started again.
 */
export class Engine {
  readonly #parts: EngineParts;
  readonly #intake: QueueIntake;
  readonly #dispatchers: readonly Dispatcher[];
  readonly #stop = new AbortController();
  #woken = Promise.withResolvers<void>();
  #seen = -1;
  #nextDue = 0;
  #loop: Promise<void> | undefined;

  constructor(parts: EngineParts) {
    this.#parts = parts;
    this.#intake = new QueueIntake({ ...parts, destinations: parts.destinations.map(({ name }) => name) });
    this.#dispatchers = parts.destinations.map((destination) => new Dispatcher({ ...parts, destination }));
  }

  /** Takes up what an earlier run left, then works until `close`. */
  async start(): Promise<void> {
    const { index, log, now } = this.#parts;
    const recovered = await index.write('queueRecover', now());
    if (recovered > 0) log.info('jobs that were being sent are queued again', { jobs: recovered });
    this.#loop = this.#run().catch((error: unknown) => this.#parts.onFatal(toError(error)));
  }

  /** Something has been added or reported. */
  wake(): void {
    this.#nextDue = 0;
    this.#woken.resolve();
  }

  /** Lets runners leave their jobs where they can be taken up. */
  async close(): Promise<void> {
    this.#stop.abort();
    this.#woken.resolve();
    await Promise.all(this.#dispatchers.map((each) => each.close()));
    await this.#loop;
  }

  async #run(): Promise<void> {
    const backfilled = this.#intake.backfill(this.#stop.signal).then(() => this.wake());
    // A failure of it shows below, in the same words.
    backfilled.catch(() => undefined);
    while (!this.#stop.signal.aborted) {
      if (await this.#isDue()) await this.#turn();
      await this.#rest();
    }
    await backfilled;
  }

  async #isDue(): Promise<boolean> {
    const seen = await this.#parts.index.read('dataVersion');
    const due = seen !== this.#seen || this.#parts.now() >= this.#nextDue;
    this.#seen = seen;
    return due;
  }

  async #turn(): Promise<void> {
    const { index, reports, quietMs, now } = this.#parts;
    if ((await index.read('queueWork', now(), quietMs)).reports) await reports.take();
    await this.#intake.takeIn(this.#stop.signal);
    for (const dispatcher of this.#dispatchers) {
      await dispatcher.tend();
      await dispatcher.fill();
      await dispatcher.tell();
    }
    const next = await index.read('queueNextDue', quietMs);
    this.#nextDue = Math.min(next ?? Infinity, now() + TURN_MS);
  }

  /** A pause, then until something happens. */
  async #rest(): Promise<void> {
    await delay(PAUSE_MS, this.#stop.signal);
    const left = Math.min(LOOK_MS, Math.max(0, this.#nextDue - this.#parts.now()));
    const rested = new AbortController();
    await Promise.race([this.#woken.promise, delay(left, rested.signal)]);
    rested.abort();
    this.#woken = Promise.withResolvers<void>();
    if (this.#stop.signal.aborted) this.#woken.resolve();
  }
}

/** Resolves after so many milliseconds, or when the signal fires. */
function delay(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const end = (): void => {
      clearTimeout(timer);
      signal.removeEventListener('abort', end);
      resolve();
    };
    const timer = setTimeout(end, ms);
    signal.addEventListener('abort', end, { once: true });
    if (signal.aborted) end();
  });
}
