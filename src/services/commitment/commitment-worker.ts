import type { Association } from '../../dimse/association.ts';
import type { CommitmentTask } from '../../index/index-types.ts';
import type { CommitmentOutcome } from './commitment-outcome.ts';
import type { CommitmentStore } from './commitment-store.ts';
import { retryDelay } from './retry-policy.ts';
import type { RetryPolicy } from './retry-policy.ts';

/** Port: what the worker reports of itself, for the log. */
export interface CommitmentEvents {
  delivered(task: CommitmentTask, outcome: CommitmentOutcome): void;
  postponed(task: CommitmentTask, error: unknown, nextAttemptAt: number): void;
  /** never silent: responsibility was asked for and no answer reached the requester */
  gaveUp(task: CommitmentTask, error: unknown): void;
  /** the task could not even be written down as failed */
  broken(task: CommitmentTask, error: unknown): void;
}

export interface CommitmentWorkerDeps {
  readonly store: CommitmentStore;
  readonly check: (task: CommitmentTask, signal: AbortSignal) => Promise<CommitmentOutcome>;
  /** resolves when the requester has acknowledged the report; `assoc` is the request's own association */
  readonly deliver: (
    task: CommitmentTask,
    outcome: CommitmentOutcome,
    assoc: Association | undefined,
    signal: AbortSignal,
  ) => Promise<void>;
  readonly policy: RetryPolicy;
  readonly events: CommitmentEvents;
  readonly now: () => number;
  readonly random: () => number;
}

/** setTimeout takes no more than this; a longer wait is cut and asked again. */
const MAX_TIMER = 2 ** 31 - 1;

/**
 * Works through storage commitment tasks: checks, reports, and tries again until a report is delivered. The tasks of one
 * requester go one after the other, so a dead requester holds up nobody else.
 */
export class CommitmentWorker implements AsyncDisposable {
  readonly #deps: CommitmentWorkerDeps;
  readonly #stop = new AbortController();
  readonly #lanes = new Map<string, Promise<void>>();
  /** by task: a transaction that is asked again takes the place of its earlier try */
  readonly #timers = new Map<number, NodeJS.Timeout>();

  constructor(deps: CommitmentWorkerDeps) {
    this.#deps = deps;
  }

  /** Takes up the tasks that an earlier run left. */
  async start(): Promise<void> {
    for (const task of await this.#deps.store.pendingCommitments()) this.#schedule(task);
  }

  /** Takes a task that is on disk; the report goes over `assoc` if that still lives when it is ready. */
  accept(task: CommitmentTask, assoc: Association | undefined): void {
    this.#forgetTimer(task.id);
    const before = this.#lanes.get(task.callingAET) ?? Promise.resolve();
    const lane = before.then(() => this.#attempt(task, assoc));
    this.#lanes.set(task.callingAET, lane);
    void lane.then(() => {
      if (this.#lanes.get(task.callingAET) === lane) this.#lanes.delete(task.callingAET);
    });
  }

  #schedule(task: CommitmentTask): void {
    if (this.#stop.signal.aborted) return;
    const wait = task.nextAttemptAt - this.#deps.now();
    if (wait <= 0) {
      this.accept(task, undefined);
      return;
    }
    const timer = setTimeout(
      () => {
        this.#timers.delete(task.id);
        this.#schedule(task);
      },
      Math.min(wait, MAX_TIMER),
    );
    timer.unref();
    this.#forgetTimer(task.id);
    this.#timers.set(task.id, timer);
  }

  #forgetTimer(id: number): void {
    clearTimeout(this.#timers.get(id));
    this.#timers.delete(id);
  }

  /** Never rejects: a lane must go on. */
  async #attempt(task: CommitmentTask, assoc: Association | undefined): Promise<void> {
    const { signal } = this.#stop;
    if (signal.aborted) return;
    const { store, check, deliver, events } = this.#deps;
    try {
      const outcome = await check(task, signal);
      // Also the end of a node that has failed: what it found no longer counts.
      signal.throwIfAborted();
      await deliver(task, outcome, assoc, signal);
      await store.commitmentDone(task.id);
      events.delivered(task, outcome);
    } catch (error) {
      // A stop leaves the task as it is on disk; the next start takes it up.
      if (signal.aborted) return;
      await this.#failed(task, error).catch((cause: unknown) => events.broken(task, cause));
    }
  }

  async #failed(task: CommitmentTask, error: unknown): Promise<void> {
    const { store, policy, events, now, random } = this.#deps;
    const attempts = task.attempts + 1;
    const nextAttemptAt = now() + retryDelay(attempts, policy, random);
    if (nextAttemptAt > task.requestedAt + policy.giveUpAfter) {
      await store.commitmentFailed(task.id, String(error), null);
      events.gaveUp(task, error);
      return;
    }
    const next = { ...task, attempts, nextAttemptAt };
    events.postponed(next, error, nextAttemptAt);
    // Also when it cannot be written down it is tried again in this run.
    this.#schedule(next);
    await store.commitmentFailed(task.id, String(error), nextAttemptAt);
  }

  /** Stops timers and deliveries; what is not delivered stays on disk. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#stop.abort();
    for (const id of this.#timers.keys()) this.#forgetTimer(id);
    await Promise.all(this.#lanes.values());
  }
}
