import type {
  EgressCommitment,
  EgressInstance,
  InstanceSend,
  JobEffect,
  JobMove,
  QueueJob,
  StoredManifest,
  UnsentKind,
} from '../../index/egress/egress-types.ts';
import type { AwaitedObject } from '../../index/egress/note-reads.ts';
import type { IndexService } from '../../index/index-service.ts';

/** A move as a runner makes it: who, when and from where are known. */
export type Step = Pick<JobMove, 'to' | 'code' | 'reason'> & Partial<Pick<JobMove, 'nextAttemptAt' | 'resumeState'>>;

const ACTOR = 'egress';

/** The queue as the engine and its runners change it. Every method is committed when it resolves, as a whole or not at all. */
export class JobStore {
  readonly #index: Pick<IndexService, 'read' | 'write'>;
  readonly #now: () => number;

  constructor(index: Pick<IndexService, 'read' | 'write'>, now: () => number) {
    this.#index = index;
    this.#now = now;
  }

  /** The job after the move. @throws IndexError QUEUE_MOVE_REFUSED when it is no longer as `job` says */
  move(job: QueueJob, step: Step, effects: readonly JobEffect[] = []): Promise<QueueJob> {
    const move = { ...step, jobId: job.id, from: job.state, at: this.#now(), actor: ACTOR };
    return this.#index.write('queueMove', move, effects);
  }

  /** The job in SENDING; or back in COMPLETE, when all that it carries was rejected while it waited. @throws as `move` */
  start(job: QueueJob): Promise<QueueJob> {
    return this.#index.write('queueStart', job.id, this.#now(), ACTOR);
  }

  /** Nothing is to be done about the job before then, ms since 1970, unless it moves meanwhile. */
  defer(job: QueueJob, until: number): Promise<void> {
    return this.#index.write('queueDefer', job.id, job.state, until);
  }

  /** C-STORE answers, as they come; several in one call are one commit. */
  recordSends(job: QueueJob, sends: readonly InstanceSend[]): Promise<void> {
    return this.#index.write('queueRecord', job.id, [{ kind: 'sends', sends }]);
  }

  /** Other progress of a job within its state. */
  record(job: QueueJob, effects: readonly JobEffect[]): Promise<void> {
    return this.#index.write('queueRecord', job.id, effects);
  }

  job(jobId: number): Promise<QueueJob | undefined> {
    return this.#index.read('queueJob', jobId);
  }

  /** What the job carries, a rejection note last. */
  instances(job: Pick<QueueJob, 'id'>): Promise<EgressInstance[]> {
    return this.#index.read('queueInstances', job.id);
  }

  /** Of what kinds it is what has not been sent. */
  unsentKinds(job: Pick<QueueJob, 'id'>): Promise<UnsentKind[]> {
    return this.#index.read('queueUnsentKinds', job.id);
  }

  /** How often the job has moved with a code since somebody looked at it. */
  timesMoved(job: Pick<QueueJob, 'id'>, code: string): Promise<number> {
    return this.#index.read('queueTimesMoved', job.id, code);
  }

  /** What the rejection notes of the job must not overtake; undefined when they may go. */
  noteAwaits(job: QueueJob): Promise<AwaitedObject | undefined> {
    return this.#index.read('queueNoteAwaits', job);
  }

  commitments(job: Pick<QueueJob, 'id'>): Promise<EgressCommitment[]> {
    return this.#index.read('egressCommitments', job.id);
  }

  manifest(job: Pick<QueueJob, 'id'>): Promise<StoredManifest | undefined> {
    return this.#index.read('egressManifest', job.id);
  }
}
