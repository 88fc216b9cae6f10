import type { ConnectionOptions, TLSSocket, TlsOptions as NodeTlsOptions } from 'node:tls';
import type { PeerTls } from './association-policy.ts';

/** TLS of an acceptor; key, certificates and trust anchors as PEM. */
export interface TlsOptions {
  readonly key: string | Buffer;
  readonly cert: string | Buffer;
  readonly passphrase?: string | undefined;
  /** Trust anchors for the peers' certificates; the system's when left out. */
  readonly ca?: TrustAnchors | undefined;
  /** Ask the peer for a certificate. */
  readonly requestCert: boolean;
  /** End the handshake when the peer's certificate is missing or does not verify. */
  readonly rejectUnauthorized: boolean;
}

/** TLS of a requestor. All may be left out: then the acceptor is verified by the system's trust anchors and learns nothing about us. */
export interface RequestorTls {
  /** Our certificate, for acceptors that ask for one. */
  readonly key?: string | Buffer | undefined;
  readonly cert?: string | Buffer | undefined;
  readonly passphrase?: string | undefined;
  readonly ca?: TrustAnchors | undefined;
  /** True when left out. */
  readonly rejectUnauthorized?: boolean | undefined;
  /** Name expected in the acceptor's certificate, when it is not the host. */
  readonly servername?: string | undefined;
}

type TrustAnchors = string | Buffer | readonly (string | Buffer)[];

/**
 * BCP 195 (RFC 9325) and the DICOM profile on it, PS3.15 B.12: TLS 1.2 or later, ephemeral elliptic curve key exchange,
 * authenticated encryption.
 */
export const TLS_CIPHERS = [
  'TLS_AES_128_GCM_SHA256',
  'TLS_AES_256_GCM_SHA384',
  'TLS_CHACHA20_POLY1305_SHA256',
  'ECDHE-ECDSA-AES128-GCM-SHA256',
  'ECDHE-RSA-AES128-GCM-SHA256',
  'ECDHE-ECDSA-AES256-GCM-SHA384',
  'ECDHE-RSA-AES256-GCM-SHA384',
  'ECDHE-ECDSA-CHACHA20-POLY1305',
  'ECDHE-RSA-CHACHA20-POLY1305',
].join(':');

const COMMON = {
  minVersion: 'TLSv1.2',
  ciphers: TLS_CIPHERS,
  ecdhCurve: 'X25519:P-256:P-384:P-521',
} as const;

/** For `tls.createServer`. */
export function serverTls(o: TlsOptions): NodeTlsOptions {
  return {
    ...COMMON,
    ...material(o),
    honorCipherOrder: true,
    requestCert: o.requestCert,
    rejectUnauthorized: o.rejectUnauthorized,
  };
}

/** For `tls.connect`. */
export function clientTls(o: RequestorTls): ConnectionOptions {
  return {
    ...COMMON,
    ...material(o),
    rejectUnauthorized: o.rejectUnauthorized ?? true,
    ...(o.servername === undefined ? {} : { servername: o.servername }),
  };
}

function material(o: RequestorTls): Pick<ConnectionOptions, 'key' | 'cert' | 'ca' | 'passphrase'> {
  return {
    ...(o.key === undefined ? {} : { key: o.key }),
    ...(o.cert === undefined ? {} : { cert: o.cert }),
    ...(o.passphrase === undefined ? {} : { passphrase: o.passphrase }),
    ...(o.ca === undefined ? {} : { ca: Array.isArray(o.ca) ? [...o.ca] : (o.ca as string | Buffer) }),
  };
}

/** What a finished handshake tells about the peer. */
export function peerTls(socket: TLSSocket): PeerTls {
  const certificate = socket.getPeerCertificate();
  const shown = Object.keys(certificate).length > 0;
  return {
    subject: shown ? distinguishedName(certificate.subject) : '',
    issuer: shown ? distinguishedName(certificate.issuer) : '',
    fingerprint256: shown ? certificate.fingerprint256 : '',
    authorized: socket.authorized,
    protocol: socket.getProtocol() ?? '',
    cipher: socket.getCipher().name,
  };
}

/** Commas and backslashes of values are escaped: one value must not pass for two attributes (RFC 4514). */
function distinguishedName(name: object): string {
  return Object.entries(name)
    .flatMap(([key, value]) => [value].flat().map((each) => `${key}=${String(each).replaceAll(/[\\,]/g, '\\$&')}`))
    .join(', ');
}
