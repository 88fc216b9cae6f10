import { KuvaError } from '../core/errors.ts';
import type { Association } from '../dimse/association.ts';
import type { AssociationEvents } from '../dimse/association-events.ts';
import type { AssociationTimeouts } from '../dimse/association-limits.ts';
import { requestAssociation } from '../dimse/requestor.ts';
import type { RequestedContext } from '../dimse/requestor.ts';
import type { ServiceHandlers } from '../dimse/service-handlers.ts';
import type { TlsOptions } from '../dimse/tls-options.ts';

/** Where a registered AE listens. */
export interface RemoteAe {
  readonly aet: string;
  readonly host: string;
  readonly port: number;
  readonly tls: boolean;
  readonly maxSubAssociations: number;
}

/** Port: the AE register. Only what is registered is ever connected to. */
export interface RemoteAeRegister {
  aeByTitle(aet: string): Promise<RemoteAe | undefined>;
}

/** Opens an association to a registered AE; the caller ends it. */
export type PeerConnector = (
  remote: RemoteAe,
  request: {
    readonly callingAET: string;
    readonly contexts: readonly RequestedContext[];
    /** The association whose C-MOVE this is for. */
    readonly parent?: Association['id'];
    /** For what the peer invokes on us. */
    readonly handlers?: ServiceHandlers;
  },
  signal: AbortSignal,
) => Promise<Association>;

export interface PeerConnectorOptions {
  readonly maxPduLength: number;
  readonly timeouts: AssociationTimeouts;
  /** our certificate and trust anchors for AEs registered with TLS; undefined when none are configured */
  readonly tls: TlsOptions | undefined;
  readonly events: Partial<AssociationEvents>;
}

export function createPeerConnector(options: PeerConnectorOptions): PeerConnector {
  const { maxPduLength, timeouts, events } = options;
  let requested = 0;
  return async (remote, request, signal) => {
    if (remote.tls && options.tls === undefined) {
      throw new KuvaError(
        'TLS_NOT_CONFIGURED',
        `${remote.aet} is registered with TLS: configure dicom.tls, or register it without`,
        { aet: remote.aet },
      );
    }
    const { host, port, aet: calledAET } = remote;
    const tls = remote.tls ? options.tls : undefined;
    // Numbers alone are those of the acceptor.
    const id = `out-${++requested}`;
    return requestAssociation({ id, host, port, calledAET, maxPduLength, timeouts, events, tls, ...request }, signal);
  };
}
