import type { AcceptedContext } from './association.ts';
import type { AssociationEvents } from './association-events.ts';
import type { AssociationLimits } from './association-limits.ts';
import type { PeerAddress } from './association-policy.ts';
import type { ServiceHandlers } from './service-handlers.ts';
import type { AssociateAccept, AssociateRequest } from './ul/associate-types.ts';
import type { UpperLayer } from './ul/upper-layer.ts';

/** What an association is made of, when negotiation is over. */
export interface AssociationOptions {
  readonly ul: UpperLayer;
  /** One in the process; that of an outgoing association is a word. */
  readonly id: number | string;
  /** The association for whose sake this one was requested: of a C-MOVE. */
  readonly parent: number | string | undefined;
  readonly request: AssociateRequest;
  readonly accept: AssociateAccept;
  readonly peer: PeerAddress;
  readonly principal: unknown;
  readonly contexts: ReadonlyMap<number, AcceptedContext>;
  /** Data bytes of a P-DATA-TF fragment to the peer. */
  readonly fragment: number;
  readonly handlers: ServiceHandlers;
  readonly limits: AssociationLimits;
  readonly events: Partial<AssociationEvents>;
  /** The association is over; its transport may still be closing. */
  readonly ended: () => void;
  /** The transport is gone. */
  readonly closed: () => void;
}
