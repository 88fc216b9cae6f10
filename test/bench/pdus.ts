import { commandSet, readCommandSet } from './elements.ts';

const APPLICATION_CONTEXT = '1.2.840.10008.3.1.1.1';
const EXPLICIT_VR_LITTLE_ENDIAN = '1.2.840.10008.1.2.1';
export const PDU = { associateAc: 2, associateRj: 3, data: 4, releaseRp: 6, abort: 7 } as const;
const OUR_MAX_PDU = 1 << 17;

/** A-ASSOCIATE-RQ (PS3.8 9.3.2): one context with id 1, Explicit VR Little Endian. */
export function associateRequest(calledAET: string, callingAET: string, abstractSyntax: string): Buffer {
  const fixed = Buffer.alloc(68);
  fixed.writeUInt16BE(1, 0);
  fixed.write(calledAET.padEnd(16), 4, 'latin1');
  fixed.write(callingAET.padEnd(16), 20, 'latin1');
  const maximum = Buffer.alloc(4);
  maximum.writeUInt32BE(OUR_MAX_PDU);
  const context = [Buffer.from([1, 0, 0, 0]), subItem(0x30, abstractSyntax), subItem(0x40, EXPLICIT_VR_LITTLE_ENDIAN)];
  const user = [subItem(0x51, maximum), subItem(0x52, '2.25.9000000001'), subItem(0x55, 'BENCH')];
  const items = [
    subItem(0x10, APPLICATION_CONTEXT),
    subItem(0x20, Buffer.concat(context)),
    subItem(0x50, Buffer.concat(user)),
  ];
  return pdu(1, Buffer.concat([fixed, ...items]));
}

export const RELEASE_REQUEST = pdu(5, Buffer.alloc(4));

export interface Acceptance {
  /** largest P-DATA-TF value that the peer takes */
  readonly maxPdu: number;
  readonly contextAccepted: boolean;
}

/** Reads the body of an A-ASSOCIATE-AC (PS3.8 9.3.3). */
export function readAcceptance(body: Buffer): Acceptance {
  let maxPdu = 0;
  let contextAccepted = false;
  for (const [type, value] of items(body.subarray(68))) {
    if (type === 0x21) contextAccepted = value[0] === 1 && value[2] === 0;
    if (type !== 0x50) continue;
    for (const [subType, subValue] of items(value)) if (subType === 0x51) maxPdu = subValue.readUInt32BE(0);
  }
  return { maxPdu: maxPdu === 0 ? OUR_MAX_PDU : Math.min(maxPdu, OUR_MAX_PDU), contextAccepted };
}

/** The P-DATA-TF PDUs (PS3.8 9.3.5) of one command or one data set on context 1, cut to the peer's size. */
export function dataPdus(kind: 'command' | 'data', bytes: Buffer, maxPdu: number, endsHere = true): Buffer {
  const room = maxPdu - 6;
  const pdus: Buffer[] = [];
  for (let at = 0; at < bytes.length; at += room) {
    const fragment = bytes.subarray(at, at + room);
    const isLast = endsHere && at + room >= bytes.length;
    const head = Buffer.alloc(12);
    head[0] = PDU.data;
    head.writeUInt32BE(fragment.length + 6, 2);
    head.writeUInt32BE(fragment.length + 2, 6);
    head[10] = 1;
    head[11] = (kind === 'command' ? 1 : 0) | (isLast ? 2 : 0);
    pdus.push(head, fragment);
  }
  return Buffer.concat(pdus);
}

export function storeRequest(sopClassUid: string, sopInstanceUid: string): Buffer {
  return commandSet([
    [0x0002, sopClassUid],
    [0x0100, 0x0001],
    [0x0110, 1],
    [0x0700, 0],
    [0x0800, 1],
    [0x1000, sopInstanceUid],
  ]);
}

export function findRequest(sopClassUid: string): Buffer {
  return commandSet([
    [0x0002, sopClassUid],
    [0x0100, 0x0020],
    [0x0110, 1],
    [0x0700, 0],
    [0x0800, 1],
  ]);
}

/** The value of a P-DATA-TF that carries one whole command: its values; undefined for a piece of a data set. */
export function readCommand(body: Buffer): Map<number, Buffer> | undefined {
  for (let at = 0; at + 6 <= body.length; at += 4 + body.readUInt32BE(at)) {
    if (((body[at + 5] ?? 0) & 1) === 1) return readCommandSet(body.subarray(at + 6, at + 4 + body.readUInt32BE(at)));
  }
  return undefined;
}

function pdu(type: number, body: Buffer): Buffer {
  const head = Buffer.alloc(6);
  head[0] = type;
  head.writeUInt32BE(body.length, 2);
  return Buffer.concat([head, body]);
}

function subItem(type: number, value: string | Buffer): Buffer {
  const bytes = typeof value === 'string' ? Buffer.from(value, 'latin1') : value;
  const head = Buffer.alloc(4);
  head[0] = type;
  head.writeUInt16BE(bytes.length, 2);
  return Buffer.concat([head, bytes]);
}

function* items(bytes: Buffer): Generator<readonly [type: number, value: Buffer]> {
  for (let at = 0; at + 4 <= bytes.length; at += 4 + bytes.readUInt16BE(at + 2)) {
    yield [bytes[at] ?? 0, bytes.subarray(at + 4, at + 4 + bytes.readUInt16BE(at + 2))];
  }
}
