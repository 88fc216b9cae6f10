import type { CommitmentTask, NewCommitment } from '../../index/index-types.ts';

/** Port: durable tasks. Every method resolves when its change is on disk. */
export interface CommitmentStore {
  addCommitment(commitment: NewCommitment): Promise<CommitmentTask>;
  pendingCommitments(): Promise<readonly CommitmentTask[]>;
  commitmentDone(id: number): Promise<void>;
  commitmentFailed(id: number, attempts: number, nextAttemptAt: number, error: string): Promise<void>;
  /** the policy's last time has passed: kept for the administrator, no longer tried */
  commitmentGivenUp(id: number, error: string): Promise<void>;
}
