import type { CommitmentTask, NewCommitment } from '../../index/index-types.ts';

/** Port: durable tasks. Every method resolves when its change is on disk. */
export interface CommitmentStore {
  /** gives the task's id; the same transaction of the same requester asked again starts over under its old id */
  addCommitment(commitment: NewCommitment): Promise<number>;
  pendingCommitments(): Promise<readonly CommitmentTask[]>;
  commitmentDone(id: number): Promise<unknown>;
  /** counts an attempt; `nextAttemptAt` null gives the task up: it stays listed with its error and is no longer tried */
  commitmentFailed(id: number, error: string, nextAttemptAt: number | null): Promise<unknown>;
}
