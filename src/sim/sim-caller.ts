import { readFileSync } from 'node:fs';
import { KuvaError } from '../core/errors.ts';
import type { Association } from '../dimse/association.ts';
import { DEFAULT_ASSOCIATION_TIMEOUTS, DEFAULT_MAX_PDU_LENGTH } from '../dimse/association-limits.ts';
import { requestAssociation } from '../dimse/requestor.ts';
import type { RequestedContext } from '../dimse/requestor.ts';
import type { TlsOptions } from '../dimse/tls-options.ts';

/** Where an AE listens that the archive may call. */
export interface SimPeer {
  readonly host: string;
  readonly port: number;
  readonly tls: boolean;
}

export interface SimTls {
  readonly cert: string;
  readonly key: string;
  readonly ca: string;
}

/** Opens an association to a known AE; the caller ends it. */
export type SimCaller = (
  calledAet: string,
  callingAet: string,
  contexts: readonly RequestedContext[],
  signal: AbortSignal,
) => Promise<Association>;

/** Calls those AEs, and no others. */
export function simCaller(peers: ReadonlyMap<string, SimPeer>, tls: SimTls | undefined): SimCaller {
  const material = tls === undefined ? undefined : tlsOf(tls);
  return async (calledAET, callingAET, contexts, signal) => {
    const peer = peers.get(calledAET);
    if (peer === undefined) {
      throw new KuvaError(
        'SIM_PEER_UNKNOWN',
        `${calledAET} is not known: --ae ${calledAET}=HOST:PORT tells where it is`,
      );
    }
    return requestAssociation(
      {
        id: 'out',
        host: peer.host,
        port: peer.port,
        tls: peer.tls ? material : undefined,
        callingAET,
        calledAET,
        contexts,
        maxPduLength: DEFAULT_MAX_PDU_LENGTH,
        timeouts: DEFAULT_ASSOCIATION_TIMEOUTS,
      },
      signal,
    );
  };
}

/** Mutual TLS: every peer must show a certificate of one of the authorities. */
export function tlsOf({ cert, key, ca }: SimTls): TlsOptions {
  return {
    cert: readFileSync(cert),
    key: readFileSync(key),
    ca: readFileSync(ca),
    requestCert: true,
    rejectUnauthorized: true,
  };
}
