import { vrFromCode, type VR } from './vr-table.ts';

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
    const long = code === undefined ? isUpper(first) && isUpper(second) && buf[at + 6] === 0 && buf[at + 7] === 0 : code.longLength;
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
