import { UidError, parseUid } from '../../dicom/uid-syntax.ts';
import { invalidParameter } from './pdu-error.ts';

/** No honest A-ASSOCIATE PDU comes near: 128 contexts of 40 transfer syntaxes and as many user items. */
const MAX_ITEMS = 16_384;

/** Reads the items of an A-ASSOCIATE PDU (type, reserved, 2-byte length, value) within fixed bounds; never beyond them. */
export class ItemReader {
  readonly #bytes: Buffer;
  readonly #end: number;
  #offset: number;
  #count = 0;
  type = 0;
  value: Buffer;

  constructor(bytes: Buffer, start = 0) {
    this.#bytes = bytes;
    this.#offset = start;
    this.#end = bytes.length;
    this.value = bytes.subarray(0, 0);
  }

  /** Advances to the next item: `type` and `value`. False at the end. */
  next(): boolean {
    const at = this.#offset;
    if (at === this.#end) return false;
    if (this.#end - at < 4) throw invalidParameter('item header is cut short', { offset: at });
    if (++this.#count > MAX_ITEMS) throw invalidParameter('too many items', { limit: MAX_ITEMS });
    const length = this.#bytes.readUInt16BE(at + 2);
    if (length > this.#end - at - 4)
      throw invalidParameter('item is longer than what holds it', { offset: at, length });
    this.type = this.#bytes.readUInt8(at);
    this.value = this.#bytes.subarray(at + 4, at + 4 + length);
    this.#offset = at + 4 + length;
    return true;
  }
}

/** Reads length-prefixed fields inside one item. */
export class FieldReader {
  readonly #bytes: Buffer;
  readonly #what: string;
  #offset = 0;

  constructor(bytes: Buffer, what: string) {
    this.#bytes = bytes;
    this.#what = what;
  }

  get remaining(): number {
    return this.#bytes.length - this.#offset;
  }

  uint8(): number {
    return this.take(1).readUInt8(0);
  }

  /** A 2-byte length and so many bytes. */
  field(): Buffer {
    return this.take(this.take(2).readUInt16BE(0));
  }

  take(length: number): Buffer {
    if (length > this.remaining)
      throw invalidParameter(`${this.#what} is cut short`, { length, remaining: this.remaining });
    const taken = this.#bytes.subarray(this.#offset, this.#offset + length);
    this.#offset += length;
    return taken;
  }

  rest(): Buffer {
    return this.take(this.remaining);
  }
}

/** A UID, or '' when the bytes are none: one odd proposal must not cost the peer its association. */
export function lenientUid(bytes: Buffer): string {
  try {
    return parseUid(bytes);
  } catch (error) {
    if (error instanceof UidError) return '';
    throw error;
  }
}

/** A UID that the PDU cannot do without. */
export function requiredUid(bytes: Buffer, what: string): string {
  const uid = lenientUid(bytes);
  if (uid === '') throw invalidParameter(`${what} is not a UID`);
  return uid;
}
