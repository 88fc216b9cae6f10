import type { ConnectionOptions, TLSSocket, TlsOptions as NodeTlsOptions } from 'node:tls';
import type { PeerTls } from './association-policy.ts';

/** TLS material, PEM. */
export interface TlsOptions {
  readonly key: string | Buffer;
  readonly cert: string | Buffer;
  readonly passphrase?: string | undefined;
  /** Trust anchors for the peer's certificate; the system's when left out. */
  readonly ca?: string | Buffer | readonly (string | Buffer)[] | undefined;
  /** Acceptor: ask for a certificate. Requestor: not used. */
  readonly requestCert: boolean;
  /** End the handshake when the peer's certificate does not verify. */
  readonly rejectUnauthorized: boolean;
  /** Requestor: name expected in the acceptor's certificate, when it is not the host. */
  readonly servername?: string | undefined;
}

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
  return { ...COMMON, ...material(o), honorCipherOrder: true, requestCert: o.requestCert, rejectUnauthorized: o.rejectUnauthorized };
}

/** For `tls.connect`. */
export function clientTls(o: TlsOptions): ConnectionOptions {
  return {
    ...COMMON,
    ...material(o),
    rejectUnauthorized: o.rejectUnauthorized,
    ...(o.servername === undefined ? {} : { servername: o.servername }),
  };
}

function material(o: TlsOptions): Pick<ConnectionOptions, 'key' | 'cert' | 'ca' | 'passphrase'> {
  return {
    key: o.key,
    cert: o.cert,
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

function distinguishedName(name: object): string {
  return Object.entries(name)
    .flatMap(([key, value]) => [value].flat().map((each) => `${key}=${String(each)}`))
    .join(', ');
}
