import { toError } from '../../core/errors.ts';
import type { EgressInstance, InstanceSend, QueueJob } from '../../index/egress/egress-types.ts';
import type { JobStore } from '../queue/job-store.ts';

/** So many answers are written together; of a process that is killed at most so many objects are sent once more. */
const BATCH = 64;

/** Writes the archive's answers down while the next objects are sent: the disk never holds up the line. */
export class SendRecords {
  readonly #store: Pick<JobStore, 'recordSends'>;
  readonly #job: QueueJob;
  #waiting: InstanceSend[] = [];
  #written: Promise<void> = Promise.resolve();
  #failure: Error | undefined;

  constructor(store: Pick<JobStore, 'recordSends'>, job: QueueJob) {
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
}
