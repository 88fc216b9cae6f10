import { errorCode, toError } from '../../core/errors.ts';
import type { QueueJob } from '../../index/egress/egress-types.ts';
import { RESUMES } from '../../index/egress/job-state-table.ts';
import type { IndexService } from '../../index/index-service.ts';
import type { Logger } from '../../observability/loggers.ts';
import { FairShare } from './fair-share.ts';
import type { DestinationGate, JobRunner } from './job-runner.ts';
import { JobStore } from './job-store.ts';

/** A destination as far as choosing its jobs goes. */
export interface QueueDestination {
  readonly name: string;
  /** Studies that are worked on at once; an emergency gets a place more. */
  readonly window: number;
}

export interface DispatcherParts {
  readonly destination: QueueDestination;
  readonly index: Pick<IndexService, 'read' | 'write'>;
  readonly runner: JobRunner;
  readonly gate: DestinationGate;
  readonly log: Logger;
  readonly now: () => number;
}

interface Running {
  readonly job: QueueJob;
  readonly abort: AbortController;
  readonly ended: Promise<void>;
}

/** What a job costs its source beside its bytes: associations and commits take time, too. */
const COST_OF_A_JOB = 1_000_000;
/** Waiting jobs in one answer to a flush or after an outage. */
const RESUMED_AT_ONCE = 200;
/** A runner that fails without having said why is not asked at once again. */
const UNEXPECTED_MS = 60_000;
const UNMOVED_MS = 15_000;
const EMERGENCY = 0;

/** Hands the due jobs of one destination to the runner: one a study, so many at once, urgent ones first, sources in turn. */
export class Dispatcher {
  readonly #parts: DispatcherParts;
  readonly #store: JobStore;
  readonly #share = new FairShare();
  #told = '';
  readonly #running = new Map<string, Running>();
  #filling: Promise<void> = Promise.resolve();
  #closed = false;

  constructor(parts: DispatcherParts) {
    this.#parts = parts;
    this.#store = new JobStore(parts.index, parts.now);
  }

  /** Begins what may begin now. Calls follow one another. */
  fill(): Promise<void> {
    this.#filling = this.#filling.then(() => this.#fill());
    return this.#filling;
  }

  /** Stops runners whose job has been taken away from them, and lets jobs that have waited enough go on. */
  async tend(): Promise<void> {
    for (const { job, abort } of this.#running.values()) {
      const now = await this.#store.job(job.id);
      if (now?.state === 'HELD' || now?.state === 'WITHDRAWN') abort.abort();
    }
    await this.#probeWhenAsked();
    const { index, destination, now } = this.#parts;
    for (const job of await index.read('queueWaitedEnough', destination.name, now(), RESUMED_AT_ONCE)) {
      if (job.resumeState === null) continue;
      await this.#store
        .move(job, { to: job.resumeState, code: 'RETRY', reason: `attempt ${job.attempts + 1}` })
        .catch(ignoreRefused);
    }
  }

  /** A flush leaves its wish where the engine has written down when it will probe. */
  async #probeWhenAsked(): Promise<void> {
    const { index, destination, gate } = this.#parts;
    const report = gate.report(destination.name);
    // What has changed since it was written down tells nothing of a wish.
    if (report.probeAt === null || JSON.stringify(report) !== this.#told) return;
    const probeAt = (await index.read('queueBreakers')).get(destination.name)?.probeAt ?? null;
    if (probeAt !== null && probeAt < report.probeAt) gate.probeNow(destination.name);
  }

  /** Resolves when nothing runs and nothing more may begin. */
  async idle(): Promise<void> {
    while (this.#running.size > 0) {
      await Promise.all([...this.#running.values()].map(({ ended }) => ended));
      await this.#filling;
    }
  }

  /** Writes down what has changed of the breaker. */
  async tell(): Promise<void> {
    const { index, destination, gate, now } = this.#parts;
    const report = gate.report(destination.name);
    const text = JSON.stringify(report);
    if (text === this.#told) return;
    await index.write('egressBreakerPut', destination.name, report, now());
    this.#told = text;
  }

  /** Stops every runner; their jobs can be taken up again. */
  async close(): Promise<void> {
    this.#closed = true;
    await this.#filling.catch(() => undefined);
    for (const { abort } of this.#running.values()) abort.abort();
    await Promise.all([...this.#running.values()].map(({ ended }) => ended));
  }

  async #fill(): Promise<void> {
    const { index, destination, gate, now } = this.#parts;
    const { name, window } = destination;
    while (!this.#closed && this.#running.size <= window) {
      const query = { destination: name, at: now(), perSource: 2 * (window + 1), without: gate.refusedTitles(name) };
      const due = await index.read('queueDue', query);
      const waiting = due.filter((job) => !this.#running.has(job.studyInstanceUid));
      if (this.#start(waiting) === 0) return;
    }
  }

  /** Starts as many as there is room for; how many those are. */
  #start(waiting: readonly QueueJob[]): number {
    let started = 0;
    let left = waiting.filter((job) => this.#mayBegin(job));
    while (left.length > 0 && !this.#closed) {
      // The list comes in the order of urgency: turns are taken among those of the first one's.
      const [first] = left;
      const peers = left.filter((job) => job.priority === first?.priority && job.state === first.state);
      const next = this.#share.next(peers, waiting);
      if (next === undefined) break;
      this.#share.charge(next.source, next.bytes + COST_OF_A_JOB);
      this.#run(next);
      started += 1;
      left = left.filter((job) => job.studyInstanceUid !== next.studyInstanceUid && this.#mayBegin(job));
    }
    return started;
  }

  #mayBegin(job: QueueJob): boolean {
    const { destination, gate } = this.#parts;
    const places = destination.window + (job.priority === EMERGENCY ? 1 : 0);
    return this.#running.size < places && gate.mayBegin(job);
  }

  #run(job: QueueJob): void {
    const abort = new AbortController();
    const ended = this.#parts.runner
      .run(job, abort.signal)
      .then(
        () => this.#settle(job),
        (error: unknown) => this.#settle(job, error),
      )
      .catch((error: unknown) =>
        this.#parts.log.error('a job could not be settled', { job: job.id, cause: toError(error).message }),
      )
      .then(() => {
        this.#running.delete(job.studyInstanceUid);
        // Its own failures come out where the next turn looks.
        void this.fill().catch(() => undefined);
      });
    this.#running.set(job.studyInstanceUid, { job, abort, ended });
  }

  /** A job that a runner left as it was is put off, whatever the reason: nothing is asked again and again without a pause. */
  async #settle(job: QueueJob, error?: unknown): Promise<void> {
    if (error !== undefined && errorCode(error) !== 'QUEUE_MOVE_REFUSED') {
      this.#parts.log.error('a runner failed', { job: job.id, state: job.state, cause: toError(error).message });
    }
    const { now } = this.#parts;
    const left = await this.#store.job(job.id);
    if (left === undefined || this.#closed) return;
    const until = now() + (error === undefined ? UNMOVED_MS : UNEXPECTED_MS);
    const [resumeState] = RESUMES[left.state] ?? [];
    if (left.state === 'SENDING' && resumeState !== undefined) {
      const reason = error === undefined ? 'the runner ended without an outcome' : toError(error).message;
      await this.#store.move(left, {
        to: 'RETRY_WAIT',
        code: 'RUNNER_FAILED',
        reason,
        resumeState,
        nextAttemptAt: until,
      });
    } else if (left.state === job.state && left.updatedAt === job.updatedAt && left.nextAttemptAt <= now()) {
      await this.#store.defer(left, until);
    }
  }
}

/** Somebody else, an operator, was first. */
function ignoreRefused(error: unknown): void {
  if (errorCode(error) !== 'QUEUE_MOVE_REFUSED') throw error;
}
