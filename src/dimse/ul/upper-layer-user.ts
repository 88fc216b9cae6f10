import type { Socket } from 'node:net';
import type { AssociationError, AssociationOutcome } from '../association-errors.ts';
import type { SuspiciousKind } from '../association-events.ts';
import type { AssociationLimits, AssociationTimeouts } from '../association-limits.ts';
import type { AssociateAccept, AssociateReject, AssociateRequest } from './associate-types.ts';

/** Whoever uses the upper layer service: first the negotiation, then the association. */
export interface UpperLayerUser {
  associateRequested(request: AssociateRequest): void;
  associateAccepted(accept: AssociateAccept): void;
  /** Throws `PduError` or `AssociationError` to have the association aborted. */
  pdvHeader(contextId: number, flags: number, length: number): void;
  pdvData(view: Buffer, end: boolean): void;
  /** Answer with `respondRelease()`, now or later. */
  releaseRequested(): void;
  /** Our release was answered first in a collision: `respondRelease()` is due. */
  releaseConfirmed(): void;
  /** The association is over; the transport may still be closing. Called once. */
  ended(outcome: AssociationOutcome, cause: AssociationError | undefined): void;
  transportClosed(): void;
}

export interface UpperLayerOptions {
  readonly socket: Socket;
  readonly limits: AssociationLimits;
  readonly timeouts: AssociationTimeouts;
  /** Announced by us: the longest P-DATA-TF variable field accepted. */
  readonly maxPduLength: number;
  /** Of a requestor; undefined on the acceptor's side. */
  readonly request: AssociateRequest | undefined;
  readonly user: UpperLayerUser;
  readonly providerRejects: (request: AssociateRequest) => AssociateReject | undefined;
  readonly suspicious: (kind: SuspiciousKind) => void;
}
