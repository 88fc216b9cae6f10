import type { Abort, AssociateReject } from './associate-types.ts';
import { invalidParameter } from './pdu-error.ts';
import { PDU, PDU_HEADER } from './pdu-types.ts';

/** A-ASSOCIATE-RJ, A-RELEASE-RQ/RP and A-ABORT have a body of 4 bytes, PS3.8 9.3.4 and 9.3.6 to 9.3.8. */
export const SHORT_BODY = 4;

export function encodeReject(reject: AssociateReject): Buffer {
  return shortPdu(PDU.AssociateRJ, reject.result, reject.source, reject.reason);
}

export function encodeAbort(abort: Abort): Buffer {
  return shortPdu(PDU.Abort, 0, abort.source, abort.reason);
}

export function encodeReleaseRequest(): Buffer {
  return shortPdu(PDU.ReleaseRQ, 0, 0, 0);
}

export function encodeReleaseResponse(): Buffer {
  return shortPdu(PDU.ReleaseRP, 0, 0, 0);
}

export function decodeReject(body: Buffer): AssociateReject {
  const [, result, source, reason] = shortBody(body);
  return { result, source, reason };
}

export function decodeAbort(body: Buffer): Abort {
  const [, , source, reason] = shortBody(body);
  return { source, reason };
}

function shortBody(body: Buffer): readonly [number, number, number, number] {
  if (body.length !== SHORT_BODY) throw invalidParameter('PDU is not 4 bytes long', { length: body.length });
  return [body.readUInt8(0), body.readUInt8(1), body.readUInt8(2), body.readUInt8(3)];
}

function shortPdu(type: number, second: number, third: number, fourth: number): Buffer {
  const pdu = Buffer.alloc(PDU_HEADER + SHORT_BODY);
  pdu[0] = type;
  pdu[5] = SHORT_BODY;
  pdu[7] = second;
  pdu[8] = third;
  pdu[9] = fourth;
  return pdu;
}
