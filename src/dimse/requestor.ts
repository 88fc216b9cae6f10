import { connect as connectTcp, type Socket } from 'node:net';
import { connect as connectTls, TLSSocket } from 'node:tls';
import { KuvaError } from '../core/errors.ts';
import { KUVA_IMPLEMENTATION_CLASS_UID, KUVA_IMPLEMENTATION_VERSION_NAME } from '../dicom/uids.ts';
import { MIN_PEER_MAX_PDU_LENGTH } from './accepting-session.ts';
import { Association } from './association.ts';
import {
  AssociationAbortedError,
  AssociationProtocolError,
  ConnectError,
  type AssociationError,
  type AssociationOutcome,
} from './association-errors.ts';
import type { AssociationEvents } from './association-events.ts';
import {
  DEFAULT_ASSOCIATION_LIMITS,
  DEFAULT_MAX_PDU_LENGTH,
  type AssociationLimits,
  type AssociationTimeouts,
} from './association-limits.ts';
import { negotiatedContexts } from './negotiated-contexts.ts';
import { fragmentLength } from './pdata-cutter.ts';
import type { ServiceHandlers } from './service-handlers.ts';
import { clientTls, peerTls, type RequestorTls } from './tls-options.ts';
import { isAeTitle } from './ul/ae-title.ts';
import type {
  AssociateAccept,
  AssociateRequest,
  CommonExtendedNegotiation,
  ExtendedNegotiation,
  RoleSelection,
  UserIdentity,
} from './ul/associate-types.ts';
import { DICOM_APPLICATION_CONTEXT } from './ul/pdu-types.ts';
import { UpperLayer } from './ul/upper-layer.ts';
import type { UpperLayerUser } from './ul/upper-layer-user.ts';

export interface RequestedContext {
  readonly abstractSyntax: string;
  /** In order of preference; the acceptor chooses. */
  readonly transferSyntaxes: readonly string[];
  /** Roles proposed for us; without it we are SCU (PS3.7 D.3.3.4). */
  readonly roles?: { readonly scu: boolean; readonly scp: boolean } | undefined;
  /** Service-class-application-information, PS3.7 D.3.3.5. */
  readonly extended?: Buffer | undefined;
}

export interface RequestorOptions {
  /** Name of the association for log and events; 0 when left out. */
  readonly id?: number | string | undefined;
  /** The association for whose sake this one is requested. */
  readonly parent?: number | string | undefined;
  readonly host: string;
  readonly port: number;
  readonly tls?: RequestorTls | undefined;
  readonly callingAET: string;
  readonly calledAET: string;
  /** At most 128. */
  readonly contexts: readonly RequestedContext[];
  readonly commonExtended?: readonly CommonExtendedNegotiation[] | undefined;
  readonly userIdentity?: UserIdentity | undefined;
  readonly maxPduLength: number;
  readonly timeouts: AssociationTimeouts;
  readonly limits?: AssociationLimits | undefined;
  /** For what the peer invokes on us: C-STORE of a C-GET, N-EVENT-REPORT. */
  readonly handlers?: ServiceHandlers | undefined;
  readonly events?: Partial<AssociationEvents> | undefined;
}

/**
 * Opens an association as requestor.
 * @throws ConnectError, AssociationRejectedError, AssociationAbortedError, AssociationTimeoutError, AssociationProtocolError, ConnectionClosedError
 */
export function requestAssociation(o: RequestorOptions, signal?: AbortSignal): Promise<Association> {
  const request = requestOf(o);
  return new Promise((resolve, reject) => {
    signal?.throwIfAborted();
    const negotiation = new RequestingNegotiation(o, request, resolve, reject, () =>
      signal?.removeEventListener('abort', cancel),
    );
    const cancel = (): void => negotiation.cancel(signal?.reason);
    signal?.addEventListener('abort', cancel, { once: true });
  });
}

/** Requestor's side of one transport connection, up to the association. */
class RequestingNegotiation implements UpperLayerUser {
  readonly #o: RequestorOptions;
  readonly #request: AssociateRequest;
  readonly #resolve: (assoc: Association) => void;
  readonly #reject: (error: Error) => void;
  readonly #settled: () => void;
  readonly #socket: Socket;
  readonly #ul: UpperLayer;
  #connected = false;

  constructor(
    o: RequestorOptions,
    request: AssociateRequest,
    resolve: (assoc: Association) => void,
    reject: (error: Error) => void,
    settled: () => void,
  ) {
    this.#o = o;
    this.#request = request;
    this.#resolve = resolve;
    this.#reject = reject;
    this.#settled = settled;
    this.#socket = openSocket(o);
    this.#ul = new UpperLayer({
      socket: this.#socket,
      limits: o.limits ?? DEFAULT_ASSOCIATION_LIMITS,
      timeouts: o.timeouts,
      maxPduLength: o.maxPduLength,
      request,
      user: this,
      providerRejects: () => undefined,
      suspicious: () => {},
    });
    this.#ul.requestAssociation();
    this.#socket.once(o.tls === undefined ? 'connect' : 'secureConnect', () => {
      this.#connected = true;
      this.#ul.transportConnected();
    });
  }

  cancel(reason: unknown): void {
    this.#ul.abort(new AssociationAbortedError(false, 0, 0, 'cancelled', reason));
  }

  associateAccepted(accept: AssociateAccept): void {
    if (accept.maxPduLength !== 0 && accept.maxPduLength < MIN_PEER_MAX_PDU_LENGTH) {
      this.#ul.abort(
        new AssociationProtocolError('protocol-error', undefined, "the peer's maximum PDU length is too short", {
          maxPduLength: accept.maxPduLength,
        }),
      );
      return;
    }
    this.#settled();
    const association = new Association({
      ul: this.#ul,
      id: this.#o.id ?? 0,
      parent: this.#o.parent,
      request: this.#request,
      accept,
      peer: {
        address: this.#socket.remoteAddress ?? this.#o.host,
        port: this.#o.port,
        tls: this.#socket instanceof TLSSocket ? peerTls(this.#socket) : undefined,
      },
      principal: undefined,
      contexts: negotiatedContexts(this.#request, accept, true),
      fragment: fragmentLength(accept.maxPduLength, DEFAULT_MAX_PDU_LENGTH),
      handlers: this.#o.handlers ?? {},
      limits: this.#o.limits ?? DEFAULT_ASSOCIATION_LIMITS,
      events: this.#o.events ?? {},
      ended: () => {},
      closed: () => {},
    });
    this.#o.events?.opened?.(association);
    this.#resolve(association);
  }

  ended(_outcome: AssociationOutcome, cause: AssociationError | undefined): void {
    this.#settled();
    const failed = !this.#connected && cause?.outcome === 'closed';
    this.#reject(failed ? new ConnectError(this.#o.host, this.#o.port, cause?.cause ?? cause) : cause!);
  }

  transportClosed(): void {}

  associateRequested(): void {}

  pdvHeader(): void {}

  pdvData(): void {}

  releaseRequested(): void {}

  releaseConfirmed(): void {}
}

function openSocket(o: RequestorOptions): Socket {
  try {
    return startConnecting(o);
  } catch (error) {
    // A port out of range, key or certificate that cannot be read.
    throw new ConnectError(o.host, o.port, error);
  }
}

function startConnecting(o: RequestorOptions): Socket {
  // Half open: our answer to a peer that has ended its side still goes out.
  if (o.tls === undefined)
    return connectTcp({ host: o.host, port: o.port, noDelay: true, keepAlive: true, allowHalfOpen: true });
  return connectTls({ host: o.host, port: o.port, ...clientTls(o.tls) }).setNoDelay(true);
}

function requestOf(o: RequestorOptions): AssociateRequest {
  for (const aet of [o.callingAET, o.calledAET]) {
    if (!isAeTitle(aet))
      throw new KuvaError('AE_TITLE', 'an AE title is 1 to 16 printable characters without backslash', {});
  }
  // PS3.8 9.3.2.2: odd ids up to 255.
  if (o.contexts.length < 1 || o.contexts.length > 128) {
    throw new KuvaError('PRESENTATION_CONTEXTS', 'an association has 1 to 128 presentation contexts', {
      contexts: o.contexts.length,
    });
  }
  // One item a SOP class (PS3.7 D.3.3.4 and D.3.3.5), however many contexts it has.
  const roles = new Map<string, RoleSelection>();
  const extended = new Map<string, ExtendedNegotiation>();
  for (const context of o.contexts) {
    const sopClassUID = context.abstractSyntax;
    if (context.roles !== undefined) roles.set(sopClassUID, { sopClassUID, ...context.roles });
    if (context.extended !== undefined) extended.set(sopClassUID, { sopClassUID, information: context.extended });
  }
  return {
    protocolVersion: 1,
    calledAET: o.calledAET,
    callingAET: o.callingAET,
    applicationContext: DICOM_APPLICATION_CONTEXT,
    contexts: o.contexts.map(({ abstractSyntax, transferSyntaxes }, i) => ({
      id: 2 * i + 1,
      abstractSyntax,
      transferSyntaxes,
    })),
    maxPduLength: o.maxPduLength,
    implementationClassUID: KUVA_IMPLEMENTATION_CLASS_UID,
    implementationVersionName: KUVA_IMPLEMENTATION_VERSION_NAME,
    asyncWindow: undefined,
    roles: [...roles.values()],
    extended: [...extended.values()],
    commonExtended: o.commonExtended ?? [],
    userIdentity: o.userIdentity,
    userIdentityResponse: undefined,
    unknown: [],
  };
}
