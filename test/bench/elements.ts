/** A data element writer of the benchmark's own: it must not share a mistake, or a shortcut, with the program it measures. */

const LONG_VRS = new Set(['OB', 'OW', 'SQ', 'UN', 'UT']);

/** One Explicit VR Little Endian element (PS3.5 7.1.2), `value` padded to even length. */
export function explicitElement(tag: number, vr: string, value: string | Buffer): Buffer {
  const padded = evenLength(value, vr === 'UI' ? '\0' : ' ');
  const head = Buffer.alloc(LONG_VRS.has(vr) ? 12 : 8);
  writeTag(head, tag);
  head.write(vr, 4, 'latin1');
  if (head.length === 12) head.writeUInt32LE(padded.length, 8);
  else head.writeUInt16LE(padded.length, 6);
  return Buffer.concat([head, padded]);
}

/** The head alone of an element whose value is streamed after it. */
export function explicitHead(tag: number, vr: 'OB' | 'OW', length: number): Buffer {
  const head = Buffer.alloc(12);
  writeTag(head, tag);
  head.write(vr, 4, 'latin1');
  head.writeUInt32LE(length, 8);
  return head;
}

/** One item of a sequence, its length defined (PS3.5 7.5.1). */
export function item(...elements: Buffer[]): Buffer {
  const body = Buffer.concat(elements);
  const head = Buffer.alloc(8);
  writeTag(head, 0xfffee000);
  head.writeUInt32LE(body.length, 4);
  return Buffer.concat([head, body]);
}

export function unsignedShort(...values: number[]): Buffer {
  const buffer = Buffer.alloc(values.length * 2);
  values.forEach((value, n) => buffer.writeUInt16LE(value, n * 2));
  return buffer;
}

/** A command set: Implicit VR Little Endian with its group length in front (PS3.7 6.3.1). */
export function commandSet(elements: readonly (readonly [element: number, value: string | number])[]): Buffer {
  const body = Buffer.concat(
    elements.map(([element, value]) =>
      implicitElement(element, typeof value === 'number' ? unsignedShort(value) : evenLength(value, '\0')),
    ),
  );
  const length = Buffer.alloc(4);
  length.writeUInt32LE(body.length);
  return Buffer.concat([implicitElement(0x0000, length), body]);
}

function implicitElement(element: number, value: Buffer): Buffer {
  const head = Buffer.alloc(8);
  head.writeUInt16LE(element, 2);
  head.writeUInt32LE(value.length, 4);
  return Buffer.concat([head, value]);
}

/** The values of a command set by element number of group 0000; text for UI, number for a two-byte value. */
export function readCommandSet(bytes: Buffer): Map<number, Buffer> {
  const values = new Map<number, Buffer>();
  for (let at = 0; at + 8 <= bytes.length;) {
    const end = at + 8 + bytes.readUInt32LE(at + 4);
    values.set(bytes.readUInt16LE(at + 2), bytes.subarray(at + 8, end));
    at = end;
  }
  return values;
}

function writeTag(buffer: Buffer, tag: number): void {
  buffer.writeUInt16LE(tag >>> 16, 0);
  buffer.writeUInt16LE(tag & 0xffff, 2);
}

function evenLength(value: string | Buffer, pad: string): Buffer {
  const bytes = typeof value === 'string' ? Buffer.from(value, 'latin1') : value;
  return bytes.length % 2 === 0 ? bytes : Buffer.concat([bytes, Buffer.from(pad, 'latin1')]);
}
