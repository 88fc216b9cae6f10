import { KuvaError } from '../../core/errors.ts';

/** One item: type, reserved byte, 2-byte length, value. */
export function encodeItem(type: number, ...parts: readonly Buffer[]): Buffer {
  const header = Buffer.alloc(4);
  header[0] = type;
  header.writeUInt16BE(checkedLength(parts), 2);
  return Buffer.concat([header, ...parts]);
}

/** A 2-byte length and the bytes. */
export function encodeField(bytes: Buffer): Buffer {
  const header = Buffer.alloc(2);
  header.writeUInt16BE(checkedLength([bytes]));
  return Buffer.concat([header, bytes]);
}

function checkedLength(parts: readonly Buffer[]): number {
  let length = 0;
  for (const part of parts) length += part.length;
  if (length > 0xffff)
    throw new KuvaError('ITEM_TOO_LONG', 'an A-ASSOCIATE item is longer than 65535 bytes', { length });
  return length;
}
