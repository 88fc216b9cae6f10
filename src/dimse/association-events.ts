import type { Association } from './association.ts';
import type { AssociationOutcome } from './association-errors.ts';
import type { PeerAddress } from './association-policy.ts';

export interface AssociationSummary {
  readonly outcome: AssociationOutcome;
  /** Why it ended, when not by release. */
  readonly cause: Error | undefined;
  readonly bytesIn: number;
  readonly bytesOut: number;
  readonly operations: number;
  readonly durationMs: number;
}

export interface RejectionInfo {
  readonly peer: PeerAddress;
  readonly callingAET: string;
  readonly calledAET: string;
  readonly result: number;
  readonly source: number;
  readonly reason: number;
  /** What an administrator can do about it. */
  readonly log: string;
  /** When it was the user identity that was not accepted: whom it named; '' when nobody. */
  readonly refusedUser?: string;
}

export interface OperationInfo {
  /** `C-STORE`, `C-FIND`, … */
  readonly command: string;
  readonly status: number;
  /** Data set bytes, received for a request of the peer's, sent for one of ours. */
  readonly bytes: number;
  readonly durationMs: number;
  /** True for an operation that we invoked on the peer. */
  readonly outgoing: boolean;
  /** Why it did not succeed, as the Error Comment tells it; '' when there is none. */
  readonly reason: string;
  /** C-STORE. */
  readonly sopInstanceUID: string | undefined;
  /** C-MOVE: AE title of the destination. */
  readonly destination: string | undefined;
  /** Final counts of C-MOVE and C-GET; remaining is 0 unless it was cancelled. */
  readonly subOperations: SubOperationCounts | undefined;
  /** What befell the first sub-operations that did not succeed, with the SOP Instance UID. */
  readonly problems: readonly string[];
}

export interface SubOperationCounts {
  readonly remaining: number;
  readonly completed: number;
  readonly failed: number;
  readonly warning: number;
}

/** `clear`: no TLS on a TLS port. */
export type SuspiciousKind = 'tls-client-hello' | 'http' | 'clear' | 'unknown';

/** Port: what happens to associations, for log, metrics and audit. Must not throw. */
export interface AssociationEvents {
  opened(assoc: Association): void;
  rejected(info: RejectionInfo): void;
  /** The transport is gone. Not called for a connection that never became an association, see `dropped`. */
  closed(assoc: Association, summary: AssociationSummary): void;
  operation(assoc: Association, operation: OperationInfo): void;
  /** A handler threw, and was answered 0110. */
  failure(assoc: Association, command: string, error: Error): void;
  /** A connection that ended before it was accepted or rejected. */
  dropped(peer: PeerAddress, outcome: AssociationOutcome, cause: Error | undefined): void;
  /** The first bytes on a connection were not DICOM. */
  suspicious(peer: PeerAddress, kind: SuspiciousKind): void;
}
