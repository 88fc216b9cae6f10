import { errorCode } from '../core/errors.ts';
import { AssociationError } from './association-errors.ts';

/** No association could be requested, since the TLS handshake failed; the message has the reason and the remedy. */
export class TlsRefusedError extends AssociationError {
  override readonly name = 'TlsRefusedError';

  constructor(message: string, facts: { readonly reason: string }, cause: unknown) {
    super('closed', 'TLS_REFUSED', message, facts, cause);
  }
}

// By OpenSSL's code of the failure; what a peer alerts us of has ALERT in it.
const REASONS: readonly (readonly [RegExp, string])[] = [
  [
    /EXPIRED/,
    'a certificate has expired: renew that of the peer, or that in dicom.tls.cert when it is the peer that complains',
  ],
  [/NOT_YET_VALID/, "the peer's certificate is not valid yet: correct the clock of either machine, or the certificate"],
  [/REVOKED/, "the peer's certificate is revoked: give the peer a new one"],
  [
    /DID_NOT_RETURN_A_CERTIFICATE/,
    'the peer showed no certificate: give it one that an authority in dicom.tls.ca signed, or set dicom.tls.requireClientCertificate: false',
  ],
  [
    /ALERT_(UNKNOWN_CA|BAD_CERTIFICATE|CERTIFICATE|UNSUPPORTED_CERTIFICATE)/,
    'the peer does not accept the certificate in dicom.tls.cert: give the peer the certificate of the authority that signed it, and call the node by a name that is in it',
  ],
  [
    /VERIFY|SELF_SIGNED|ISSUER|CERT_UNTRUSTED|CERT_CHAIN|INVALID_CA|CERT_REJECTED/,
    "the peer's certificate is not signed by an authority in dicom.tls.ca: sign it by one of them, or add its authority to that file",
  ],
  [/INVALID_PURPOSE/, "the peer's certificate is not meant for clients: issue it with the purpose TLS client"],
  [
    /NO_SHARED_CIPHER|HANDSHAKE_FAILURE|NO_SUITABLE|NO_SHARED_GROUP|INSUFFICIENT_SECURITY/,
    'the peer offers no cipher suite that is taken: turn on ECDHE with AES-GCM or ChaCha20 at the peer (BCP 195)',
  ],
  [
    /UNSUPPORTED_PROTOCOL|PROTOCOL_VERSION|VERSION_TOO_LOW/,
    'the peer offers no protocol version that is taken: turn on TLS 1.2 or 1.3 at the peer',
  ],
];

/**
 * Why a handshake failed, for whoever operates the node. `unverified` is the code of the failed verification of the peer's
 * certificate. Undefined when the connection was just cut.
 */
export function tlsRefusal(error: Error, unverified: unknown): TlsRefusedError | undefined {
  const code = typeof unverified === 'string' ? unverified : errorCode(unverified ?? error);
  const known = REASONS.find(([pattern]) => pattern.test(code));
  if (known !== undefined) return new TlsRefusedError(known[1], { reason: code }, error);
  return code.startsWith('ERR_SSL_')
    ? new TlsRefusedError(`${code}: compare the TLS settings of the peer with dicom.tls`, { reason: code }, error)
    : undefined;
}
