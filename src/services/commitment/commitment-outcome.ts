/** One instance that a requester wants to be sure of. */
export interface CommitmentReference {
  readonly sopClassUid: string;
  readonly sopInstanceUid: string;
}

export interface CommitmentFailure extends CommitmentReference {
  /** PS3.3 C.14.1.1: 0110, 0112, 0119 */
  readonly failureReason: number;
}

/** The outcome of checking a request. */
export interface CommitmentOutcome {
  readonly committed: readonly CommitmentReference[];
  readonly failed: readonly CommitmentFailure[];
}
