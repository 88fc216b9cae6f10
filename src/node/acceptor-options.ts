import { readFileSync } from 'node:fs';
import type { Config } from '../config/schema.ts';
import type { AcceptorOptions } from '../dimse/acceptor.ts';
import { DEFAULT_ASSOCIATION_LIMITS } from '../dimse/association-limits.ts';
import type { TlsOptions } from '../dimse/tls-options.ts';

/** What the configuration says of listening, as the DIMSE layer wants it. */
export function acceptorOptions(config: Config): Omit<AcceptorOptions, 'policy' | 'handlers' | 'events'> {
  const { host, port, maxPduLength, limits } = config.dicom;
  return {
    host,
    port,
    maxPduLength,
    tls: tlsOptions(config),
    limits: {
      ...DEFAULT_ASSOCIATION_LIMITS,
      pduTolerance: config.dicom.pduTolerance,
      maxAssociations: limits.associations,
      maxAssociationsPerPeer: limits.perPeer,
      maxCommandLength: limits.commandBytes,
      maxIdentifierLength: limits.identifierBytes,
    },
    timeouts: config.dicom.timeouts,
  };
}

/** Our certificate and trust anchors, towards peers on either side. */
export function tlsOptions({ dicom: { tls } }: Config): TlsOptions | undefined {
  if (tls === null) return undefined;
  return {
    key: readFileSync(tls.key),
    cert: readFileSync(tls.cert),
    ca: tls.ca === null ? undefined : readFileSync(tls.ca),
    // Asked for even without trust anchors of our own: what is required must not be passed over because dicom.tls.ca is left out.
    requestCert: true,
    rejectUnauthorized: tls.requireClientCertificate,
  };
}
