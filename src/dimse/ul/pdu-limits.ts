import type { AssociationLimits } from '../association-limits.ts';
import type { SuspiciousKind } from '../association-events.ts';
import { SHORT_BODY } from './control-codec.ts';
import { PduError, invalidParameter } from './pdu-error.ts';
import { ABORT_REASON, PDU } from './pdu-types.ts';

/** Checks the announced length of a PDU before anything is allocated for it. */
export function lengthError(
  type: number,
  length: number,
  limits: AssociationLimits,
  maxPduLength: number,
): PduError | undefined {
  if (type === PDU.PDataTF) {
    const limit = maxPduLength * limits.pduTolerance;
    return length > limit ? tooLong(`P-DATA-TF of ${length} bytes`, length, limit) : undefined;
  }
  if (type === PDU.AssociateRQ || type === PDU.AssociateAC) {
    return length > limits.maxControlPduLength ? tooLong('A-ASSOCIATE', length, limits.maxControlPduLength) : undefined;
  }
  return length === SHORT_BODY ? undefined : invalidParameter('PDU is not 4 bytes long', { type, length });
}

function tooLong(what: string, length: number, limit: number): PduError {
  return new PduError(ABORT_REASON.InvalidParameter, `${what} is longer than allowed`, { length, limit }, true);
}

/** What speaks, when the first byte is no PDU type: `type` is byte 1, `length` bytes 3 to 6 of the stream. */
export function foreignProtocol(type: number, length: number): SuspiciousKind {
  // RFC 8446 5.1: a TLS record of type handshake.
  if (type === 0x16) return 'tls-client-hello';
  const letters = [type, length >>> 24, (length >>> 16) & 0xff, (length >>> 8) & 0xff];
  // RFC 9110 9: "GET /", "POST ", "HEAD ", "OPTIONS", …
  const method = type >= 0x41 && type <= 0x5a && letters.every((byte) => byte >= 0x20 && byte < 0x7f);
  return method ? 'http' : 'unknown';
}
