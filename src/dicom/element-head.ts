import { VR_TRAITS, vrFromCode, type VR } from './vr-table.ts';

/** Length of a value that ends with a delimiter (PS3.5 7.1.1). */
export const UNDEFINED_LENGTH = 0xffffffff;

const isUpper = (byte: number): boolean => byte >= 0x41 && byte <= 0x5a;

/**
 * Tag, VR and length of one data element or item (PS3.5 7.1, 7.5). One object is used over and over while a data set is walked, so that
 * the header of an instance is read without an allocation an element.
 */
export class ElementHead {
  tag = 0;
  /** Undefined for items, delimiters, implicit VR and letters that are no VR. */
  vr: VR | undefined = undefined;
  length = 0;
  /** Bytes of the head itself: 8 or 12. */
  size = 0;

  /**
   * Reads the head at `at`, of which `available` bytes are there. Returns the number of bytes that it needs; when that is more than
   * `available`, nothing but the return value is valid.
   */
  read(buf: Buffer, at: number, available: number, explicit: boolean, littleEndian: boolean): number {
    if (available < 8) return 8;
    const tag = littleEndian
      ? ((buf[at]! << 16) | (buf[at + 1]! << 24) | buf[at + 2]! | (buf[at + 3]! << 8)) >>> 0
      : ((buf[at]! << 24) | (buf[at + 1]! << 16) | (buf[at + 2]! << 8) | buf[at + 3]!) >>> 0;
    this.tag = tag;
    this.size = 8;
    // Items and delimiters have no VR in any syntax (PS3.5 7.5).
    if (!explicit || tag >>> 16 === 0xfffe) {
      this.vr = undefined;
      this.length = length32(buf, at + 4, littleEndian);
      return 8;
    }
    const first = buf[at + 4]!;
    const second = buf[at + 5]!;
    const code = vrFromCode(first, second);
    this.vr = code?.vr;
    // PS3.5 7.1.2 gives VRs yet to come a 32-bit length after two zero bytes; letters that are no VR at all are older than that rule.
    const long =
      code === undefined
        ? isUpper(first) && isUpper(second) && buf[at + 6] === 0 && buf[at + 7] === 0
        : code.longLength;
    if (!long) {
      this.length = littleEndian ? buf[at + 6]! | (buf[at + 7]! << 8) : (buf[at + 6]! << 8) | buf[at + 7]!;
      return 8;
    }
    if (available < 12) return 12;
    this.size = 12;
    this.length = length32(buf, at + 8, littleEndian);
    return 12;
  }
}

function length32(buf: Buffer, at: number, littleEndian: boolean): number {
  return littleEndian
    ? (buf[at]! | (buf[at + 1]! << 8) | (buf[at + 2]! << 16) | (buf[at + 3]! << 24)) >>> 0
    : ((buf[at]! << 24) | (buf[at + 1]! << 16) | (buf[at + 2]! << 8) | buf[at + 3]!) >>> 0;
}

/** The longest value, made even, that a 16-bit length can say. */
export const MAX_SHORT_LENGTH = 0xfffe;

/** The head of an element, or of an item or delimiter when `vr` is undefined. */
export function encodeHead(
  tag: number,
  vr: VR | undefined,
  length: number,
  explicit: boolean,
  littleEndian: boolean,
): Buffer {
  const withVr = explicit && vr !== undefined;
  const long = withVr && VR_TRAITS[vr].longLength;
  const head = Buffer.alloc(long ? 12 : 8);
  if (littleEndian) {
    head.writeUInt16LE(tag >>> 16, 0);
    head.writeUInt16LE(tag & 0xffff, 2);
  } else {
    head.writeUInt32BE(tag, 0);
  }
  if (withVr) head.write(vr, 4, 'latin1');
  const lengthAt = long ? 8 : 4;
  if (withVr && !long) {
    if (littleEndian) head.writeUInt16LE(length, 6);
    else head.writeUInt16BE(length, 6);
  } else if (littleEndian) {
    head.writeUInt32LE(length, lengthAt);
  } else {
    head.writeUInt32BE(length, lengthAt);
  }
  return head;
}
