import { toError } from '../../core/errors.ts';
import type { EgressInstance, InstanceSend, QueueJob } from '../../index/egress/egress-types.ts';
import type { JobStore, Step } from '../queue/job-store.ts';

/** So many answers are written together; of a process that is killed at most so many objects are sent once more. */
const BATCH = 64;

/** Writes the archive's answers down while the next objects are sent: the disk never holds up the line. */
export class SendRecords {
  readonly #store: Pick<JobStore, 'recordSends' | 'move'>;
  readonly #job: QueueJob;
  #waiting: InstanceSend[] = [];
  #written: Promise<void> = Promise.resolve();
  #failure: Error | undefined;

  constructor(store: Pick<JobStore, 'recordSends' | 'move'>, job: QueueJob) {
    this.#store = store;
    this.#job = job;
  }

  add(instance: EgressInstance, send: Omit<InstanceSend, 'sopInstanceUid'>): void {
    this.#waiting.push({ sopInstanceUid: instance.sopInstanceUid, ...send });
    if (this.#waiting.length >= BATCH) this.#write();
  }

  #write(): void {
    const batch = this.#waiting;
    this.#waiting = [];
    this.#written = this.#written
      .then(() => this.#store.recordSends(this.#job, batch))
      .catch((error: unknown) => void (this.#failure ??= toError(error)));
  }

  /** Resolves when everything is on the disk; rejects when something could not be written. */
  async flush(): Promise<void> {
    if (this.#waiting.length > 0) this.#write();
    await this.#written;
    if (this.#failure !== undefined) throw this.#failure;
  }

  /** Moves the job on the strength of these answers: the last of them and the move are one commit. @throws as `JobStore.move` */
  async move(step: Step): Promise<QueueJob> {
    await this.#written;
    if (this.#failure !== undefined) throw this.#failure;
    try {
      const moved = await this.#store.move(this.#job, step, [{ kind: 'sends', sends: this.#waiting }]);
      this.#waiting = [];
      return moved;
    } catch (error) {
      // Whoever moved the job first, the objects have been sent.
      await this.flush();
      throw error;
    }
  }
}
