import type { Socket } from 'node:net';
import { toError } from '../core/errors.ts';
import { KUVA_IMPLEMENTATION_CLASS_UID, KUVA_IMPLEMENTATION_VERSION_NAME } from '../dicom/uids.ts';
import { Association } from './association.ts';
import { AssociationRejectedError, type AssociationError, type AssociationOutcome } from './association-errors.ts';
import type { AssociationEvents } from './association-events.ts';
import { DEFAULT_MAX_PDU_LENGTH, type AssociationLimits, type AssociationTimeouts } from './association-limits.ts';
import type { AssociationAcceptance, AssociationPolicy, PeerAddress } from './association-policy.ts';
import { contextResults, negotiatedContexts } from './negotiated-contexts.ts';
import { fragmentLength } from './pdata-cutter.ts';
import type { ServiceHandlers } from './service-handlers.ts';
import { isAeTitle } from './ul/ae-title.ts';
import type { AssociateAccept, AssociateReject, AssociateRequest } from './ul/associate-types.ts';
import { DICOM_APPLICATION_CONTEXT } from './ul/pdu-types.ts';
import { UpperLayer } from './ul/upper-layer.ts';
import type { UpperLayerUser } from './ul/upper-layer-user.ts';

/**
 * A peer that announces less can hardly take a command set in one fragment, and would have us spend a header for every few
 * bytes. No device does; 1 to 7 are not even usable (a PDV needs 6 bytes of its own).
 */
export const MIN_PEER_MAX_PDU_LENGTH = 128;

export interface SessionOptions {
  readonly id: number;
  readonly socket: Socket;
  readonly peer: PeerAddress;
  /** What is left of ARTIM since the connection was accepted. */
  readonly artimMs: number;
  readonly maxPduLength: number;
  readonly limits: AssociationLimits;
  readonly timeouts: AssociationTimeouts;
  readonly policy: AssociationPolicy;
  readonly handlers: ServiceHandlers;
  readonly events: AssociationEvents;
  /** False when there are as many associations as may be. Asked before the policy is. */
  readonly hasRoom: () => boolean;
  /** From the first A-ASSOCIATE-RQ on this counts as an association, until `left`. */
  readonly entered: () => void;
  readonly left: () => void;
  readonly closed: () => void;
}

/** Acceptor's side of one transport connection, up to the association: checks the request, asks the policy, answers. */
export class AcceptingSession implements UpperLayerUser {
  readonly #o: SessionOptions;
  readonly #ul: UpperLayer;
  #association: Association | undefined;
  #request: AssociateRequest | undefined;
  #entered = false;
  #answered = false;
  #outcome: AssociationOutcome = 'closed';
  #cause: AssociationError | undefined;

  constructor(o: SessionOptions) {
    this.#o = o;
    this.#ul = new UpperLayer({
      socket: o.socket,
      limits: o.limits,
      timeouts: o.timeouts,
      maxPduLength: o.maxPduLength,
      request: undefined,
      user: this,
      providerRejects: (request) => this.#providerRejects(request),
      suspicious: (kind) => {
        o.events.suspicious(o.peer, kind);
        // A browser or a TLS client does not understand A-ABORT: show it the end of the stream as well.
        setImmediate(() => o.socket.end());
      },
    });
    this.#ul.transportAccepted(o.artimMs);
  }

  /** Lets what is being performed finish, then aborts. */
  async shutDown(): Promise<void> {
    await this.#association?.settled();
    if (this.#association?.isOpen === true) this.#association.abort('the node shuts down');
    else this.destroy();
  }

  destroy(): void {
    this.#ul.destroy();
  }

  /** AE-6: what the provider itself cannot accept, PS3.8 table 9-21. */
  #providerRejects(request: AssociateRequest): AssociateReject | undefined {
    this.#request = request;
    if ((request.protocolVersion & 1) === 0) return { result: 1, source: 2, reason: 2 };
    if (!this.#o.hasRoom()) return { result: 2, source: 3, reason: 2 };
    return undefined;
  }

  associateRequested(request: AssociateRequest): void {
    this.#entered = true;
    this.#o.entered();
    const refusal = refusalOf(request);
    if (refusal !== undefined) {
      this.#reject(request, refusal.reject, refusal.log);
      return;
    }
    Promise.resolve()
      .then(() => this.#o.policy.decide(request, this.#o.peer))
      .then(
        (decision) => {
          if (decision.accept) this.#accept(request, decision);
          else this.#reject(request, decision, decision.log, decision.refusedUser);
        },
        (error: unknown) =>
          this.#reject(
            request,
            { result: 2, source: 3, reason: 1 },
            `access decision failed: ${toError(error).message}`,
          ),
      );
  }

  #accept(request: AssociateRequest, decision: AssociationAcceptance): void {
    if (this.#ul.state !== 'Sta3') return;
    const { maxPduLength, peer, handlers, limits, events, id, left } = this.#o;
    const accept = acceptOf(request, decision, maxPduLength);
    this.#answered = true;
    this.#association = new Association({
      ul: this.#ul,
      id,
      parent: undefined,
      request,
      accept,
      peer,
      principal: decision.principal,
      contexts: negotiatedContexts(request, accept, false),
      fragment: fragmentLength(request.maxPduLength, DEFAULT_MAX_PDU_LENGTH),
      handlers,
      limits,
      events,
      ended: left,
      closed: () => this.#o.closed(),
    });
    events.opened(this.#association);
    this.#ul.acceptAssociation(accept);
  }

  #reject(
    request: AssociateRequest,
    { result, source, reason }: AssociateReject,
    log: string,
    refusedUser?: string,
  ): void {
    if (this.#ul.state !== 'Sta3') return;
    const reject = { result, source, reason };
    this.#reportRejection(request, reject, log, refusedUser);
    this.#ul.rejectAssociation(reject);
  }

  #reportRejection(
    { callingAET, calledAET }: AssociateRequest,
    { result, source, reason }: AssociateReject,
    log: string,
    refusedUser?: string,
  ): void {
    this.#answered = true;
    const user = refusedUser === undefined ? {} : { refusedUser };
    this.#o.events.rejected({ peer: this.#o.peer, callingAET, calledAET, result, source, reason, log, ...user });
  }

  ended(outcome: AssociationOutcome, cause: AssociationError | undefined): void {
    this.#outcome = outcome;
    this.#cause = cause;
    if (cause instanceof AssociationRejectedError && !this.#answered) {
      const log =
        cause.source === 3
          ? `too many associations (${this.#o.limits.maxAssociations} in all, ${this.#o.limits.maxAssociationsPerPeer} from one address)`
          : 'the protocol version is not 1';
      this.#reportRejection(this.#request!, cause, log);
    }
    if (this.#entered) this.#o.left();
  }

  /** Only while there is no association: `Association` takes over as the user of the upper layer. */
  transportClosed(): void {
    if (!this.#answered) this.#o.events.dropped(this.#o.peer, this.#outcome, this.#cause);
    this.#o.closed();
  }

  associateAccepted(): void {}

  pdvHeader(): void {}

  pdvData(): void {}

  releaseRequested(): void {}

  releaseConfirmed(): void {}
}

/** Requests that no policy could accept, PS3.8 table 9-21. */
function refusalOf(request: AssociateRequest): { reject: AssociateReject; log: string } | undefined {
  if (request.applicationContext !== DICOM_APPLICATION_CONTEXT) {
    return {
      reject: { result: 1, source: 1, reason: 2 },
      log: `application context ${request.applicationContext} is not DICOM's`,
    };
  }
  if (!isAeTitle(request.callingAET)) {
    return {
      reject: { result: 1, source: 1, reason: 3 },
      log: 'the calling AE title is empty or has characters that are not allowed',
    };
  }
  if (!isAeTitle(request.calledAET)) {
    return {
      reject: { result: 1, source: 1, reason: 7 },
      log: 'the called AE title is empty or has characters that are not allowed',
    };
  }
  if (request.maxPduLength !== 0 && request.maxPduLength < MIN_PEER_MAX_PDU_LENGTH) {
    return {
      reject: { result: 1, source: 1, reason: 1 },
      log: `the peer's maximum PDU length of ${request.maxPduLength} bytes is below ${MIN_PEER_MAX_PDU_LENGTH}: raise it at the peer`,
    };
  }
  return undefined;
}

function acceptOf(request: AssociateRequest, decision: AssociationAcceptance, maxPduLength: number): AssociateAccept {
  const proposedRoles = new Set(request.roles.map((role) => role.sopClassUID));
  const proposedExtended = new Set(request.extended.map((item) => item.sopClassUID));
  return {
    protocolVersion: 1,
    calledAET: request.calledAET,
    callingAET: request.callingAET,
    applicationContext: DICOM_APPLICATION_CONTEXT,
    contexts: contextResults(request, decision.contexts),
    maxPduLength,
    implementationClassUID: KUVA_IMPLEMENTATION_CLASS_UID,
    implementationVersionName: KUVA_IMPLEMENTATION_VERSION_NAME,
    // PS3.7 D.3.3.3: answered only when proposed; we work synchronously.
    asyncWindow: request.asyncWindow === undefined ? undefined : { invoked: 1, performed: 1 },
    roles: decision.roles.filter((role) => proposedRoles.has(role.sopClassUID)),
    extended: decision.extended.filter((item) => proposedExtended.has(item.sopClassUID)),
    commonExtended: [],
    userIdentity: undefined,
    // PS3.7 D.3.3.7.2: only to a requestor that asked.
    userIdentityResponse:
      request.userIdentity?.positiveResponseRequested === true ? decision.userIdentityResponse : undefined,
    unknown: [],
  };
}
