import type { AssociateRequest, ContextResult, ExtendedNegotiation, RoleSelection } from './ul/associate-types.ts';

/** Identity of the other end as far as the transport knows it. */
export interface PeerAddress {
  readonly address: string;
  readonly port: number;
  /** Present when the connection is TLS. */
  readonly tls: PeerTls | undefined;
}

export interface PeerTls {
  /** Distinguished name of the peer's certificate, one `KEY=value` after the other; empty when it showed none. */
  readonly subject: string;
  readonly issuer: string;
  readonly fingerprint256: string;
  /** The certificate was verified against our trust anchors. */
  readonly authorized: boolean;
  readonly protocol: string;
  readonly cipher: string;
}

/** What a peer asks for: A-ASSOCIATE-RQ decoded and checked (AE titles, application context, protocol version). */
export type AssociationRequest = AssociateRequest;

export interface AssociationAcceptance {
  readonly accept: true;
  /** One for each proposed context; a context left out is answered 1, user-rejection. */
  readonly contexts: readonly ContextResult[];
  /** Roles granted to the requestor; only those that it proposed are sent. */
  readonly roles: readonly RoleSelection[];
  readonly extended: readonly ExtendedNegotiation[];
  /** PS3.7 D.3.3.7.2; sent only when the requestor asked for a positive response. */
  readonly userIdentityResponse?: Buffer;
  /** Carried on `association.principal`. */
  readonly principal: unknown;
}

/** PS3.8 9.3.4 result, source and reason; `log` tells the administrator what to do. */
export interface AssociationRejection {
  readonly accept: false;
  readonly result: 1 | 2;
  readonly source: 1 | 2 | 3;
  readonly reason: number;
  readonly log: string;
  /** Of one whose user identity was not accepted: whom it named; '' when nobody. */
  readonly refusedUser?: string;
}

export type AssociationDecision = AssociationAcceptance | AssociationRejection;

/** Port: decides who may associate, and for what. */
export interface AssociationPolicy {
  decide(request: AssociationRequest, peer: PeerAddress): Promise<AssociationDecision>;
}
