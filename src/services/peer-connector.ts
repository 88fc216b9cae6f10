import type { Association } from '../dimse/association.ts';
import type { AssociationTimeouts } from '../dimse/association-limits.ts';
import { requestAssociation } from '../dimse/requestor.ts';
import type { RequestedContext, RequestorTls } from '../dimse/requestor.ts';

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
  request: { readonly callingAET: string; readonly contexts: readonly RequestedContext[] },
  signal: AbortSignal,
) => Promise<Association>;

export interface PeerConnectorOptions {
  readonly maxPduLength: number;
  readonly timeouts: AssociationTimeouts;
  /** our certificate and trust anchors for peers registered with TLS; undefined when none are configured */
  readonly tls: RequestorTls | undefined;
}

export function createPeerConnector(options: PeerConnectorOptions): PeerConnector {
  return (remote, request, signal) => {
    const { host, port, aet: calledAET } = remote;
    const { maxPduLength, timeouts } = options;
    const tls = remote.tls ? { tls: options.tls ?? {} } : {};
    return requestAssociation({ host, port, calledAET, maxPduLength, timeouts, ...request, ...tls }, signal);
  };
}
