import { deflateRawSync, inflateRawSync } from 'node:zlib';
import { KuvaError } from '../core/errors.ts';
import { swapUnits } from './byte-order.ts';
import { decodeText, encodeText } from './character-sets.ts';
import { encodeElements } from './data-set-encoder.ts';
import { tagText, vrOf } from './dictionary.ts';
import { ElementHead, UNDEFINED_LENGTH } from './element-head.ts';
import { TAG } from './tags.ts';
import { transferSyntax } from './transfer-syntaxes.ts';
import { parseUid } from './uid-syntax.ts';
import { trimValues } from './value-padding.ts';
import { VR_TRAITS, type VR } from './vr-table.ts';

/** A value in little endian byte order whatever the transfer syntax, or the items of a sequence. */
export type Element =
  | { readonly tag: number; readonly vr: Exclude<VR, 'SQ'>; readonly bytes: Buffer }
  | { readonly tag: number; readonly vr: 'SQ'; readonly items: DataSet[] };

/** A small data set held whole: identifiers, N-service data sets, manifests. Instances are never read this way. */
export type DataSet = Map<number, Element>;

export interface DataSetLimits {
  /** Sequences within sequences. */
  readonly depth: number;
  /** Elements and items in all. */
  readonly elements: number;
  /** Bytes after inflating. */
  readonly inflatedBytes: number;
}

export const DATA_SET_LIMITS: DataSetLimits = { depth: 32, elements: 500_000, inflatedBytes: 64 << 20 };

/** A data set that cannot be read; `tag` as 0xGGGGEEEE, `offset` in bytes from the start of the (inflated) data set. */
export class DataSetError extends KuvaError {
  override readonly name = 'DataSetError';
  readonly tag: number;
  readonly offset: number;

  constructor(code: string, message: string, tag: number, offset: number, cause?: unknown) {
    super(code, `${message} at ${tagText(tag)}, byte ${offset}`, { tag, offset }, cause);
    this.tag = tag;
    this.offset = offset;
  }
}

const LIMIT_CODES: ReadonlySet<string> = new Set(['TOO_DEEP', 'TOO_MANY_ELEMENTS']);

class Decoder {
  readonly #buf: Buffer;
  readonly #limits: DataSetLimits;
  readonly #head = new ElementHead();
  #left: number;

  constructor(buf: Buffer, limits: DataSetLimits) {
    this.#buf = buf;
    this.#limits = limits;
    this.#left = limits.elements;
  }

  #next(at: number, end: number, explicit: boolean, littleEndian: boolean): ElementHead {
    const head = this.#head;
    if (head.read(this.#buf, at, end - at, explicit, littleEndian) > end - at) {
      throw new DataSetError(
        'TRUNCATED',
        'The data set ends within the head of an element',
        end - at >= 8 ? head.tag : 0,
        at,
      );
    }
    this.#left -= 1;
    if (this.#left < 0)
      throw new DataSetError('TOO_MANY_ELEMENTS', `More than ${this.#limits.elements} elements`, head.tag, at);
    if (head.length !== UNDEFINED_LENGTH && head.length > end - at - head.size) {
      throw new DataSetError('LENGTH_BEYOND_END', `A length of ${head.length} bytes goes beyond the end`, head.tag, at);
    }
    return head;
  }

  /** Elements from `at` to `end`, or to an item delimiter when `delimited`. Returns the offset after them. */
  elements(
    into: DataSet,
    at: number,
    end: number,
    delimited: boolean,
    explicit: boolean,
    littleEndian: boolean,
    depth: number,
  ): number {
    while (at < end) {
      const { tag, vr, length, size } = this.#next(at, end, explicit, littleEndian);
      const start = at + size;
      if (tag === TAG.ItemDelimitationItem && delimited) return start;
      if (tag >>> 16 === 0xfffe)
        throw new DataSetError('UNEXPECTED_ITEM', 'An item or delimiter is not within a sequence', tag, at);
      if (length === UNDEFINED_LENGTH && vr !== undefined && vr !== 'SQ' && vr !== 'UN') {
        throw new DataSetError('ENCAPSULATED', `${vr} of undefined length has no place in a small data set`, tag, at);
      }
      const element = this.#element(at, end, explicit, littleEndian, depth);
      // The first of two elements with one tag counts, as for DCMTK.
      if (!into.has(tag)) into.set(tag, element.element);
      at = element.end;
    }
    if (delimited) throw new DataSetError('TRUNCATED', 'An item of undefined length does not end', 0, at);
    return at;
  }

  /** The element whose head has just been read at `at`. */
  #element(
    at: number,
    end: number,
    explicit: boolean,
    littleEndian: boolean,
    depth: number,
  ): { element: Element; end: number } {
    const { tag, vr, length, size } = this.#head;
    const start = at + size;
    const known = vr === undefined || vr === 'UN' ? vrOf(tag) : vr;
    const delimited = length === UNDEFINED_LENGTH;
    if (delimited || known === 'SQ') {
      // UN of undefined length, or UN whose tag is a known sequence, holds implicit little endian (PS3.5 6.2.2 note 2, CP-246).
      const coding = vr === 'UN' ? ([false, true] as const) : ([explicit, littleEndian] as const);
      const found = this.#sequence(
        tag,
        start,
        delimited ? end : start + length,
        delimited,
        ...coding,
        depth + 1,
        vr === 'UN' && !delimited,
      );
      if (found !== undefined) return { element: { tag, vr: 'SQ', items: found.items }, end: found.end };
    }
    const value = this.#buf.subarray(start, start + length);
    const unit = littleEndian || vr === 'UN' || known === undefined ? 1 : VR_TRAITS[known].unit;
    const plainVr = known === undefined || known === 'SQ' ? 'UN' : known;
    return {
      element: { tag, vr: plainVr, bytes: unit === 1 ? value : swapUnits(Buffer.from(value), unit) },
      end: start + length,
    };
  }

  /** The items of a sequence; undefined when `maybe` and the value is none after all, but opaque bytes. */
  #sequence(
    tag: number,
    at: number,
    end: number,
    delimited: boolean,
    explicit: boolean,
    littleEndian: boolean,
    depth: number,
    maybe: boolean,
  ): { items: DataSet[]; end: number } | undefined {
    const items: DataSet[] = [];
    try {
      return { end: this.#items(tag, items, at, end, delimited, explicit, littleEndian, depth), items };
    } catch (error) {
      if (maybe && error instanceof DataSetError && !LIMIT_CODES.has(error.code)) return undefined;
      throw error;
    }
  }

  #items(
    tag: number,
    into: DataSet[],
    at: number,
    end: number,
    delimited: boolean,
    explicit: boolean,
    littleEndian: boolean,
    depth: number,
  ): number {
    if (depth > this.#limits.depth)
      throw new DataSetError('TOO_DEEP', `Sequences nested deeper than ${this.#limits.depth}`, tag, at);
    while (at < end) {
      const item = this.#next(at, end, explicit, littleEndian);
      const start = at + item.size;
      if (item.tag === TAG.SequenceDelimitationItem && delimited) return start;
      if (item.tag !== TAG.Item)
        throw new DataSetError('NOT_AN_ITEM', 'A sequence holds something else than items', tag, at);
      const undefinedLength = item.length === UNDEFINED_LENGTH;
      const itemEnd = undefinedLength ? end : start + item.length;
      const dataSet: DataSet = new Map();
      at = this.elements(dataSet, start, itemEnd, undefinedLength, explicit, littleEndian, depth);
      into.push(dataSet);
    }
    if (delimited) throw new DataSetError('TRUNCATED', 'A sequence of undefined length does not end', tag, at);
    return at;
  }
}

function inflate(buf: Buffer, limits: DataSetLimits): Buffer {
  try {
    return inflateRawSync(buf, { maxOutputLength: limits.inflatedBytes });
  } catch (error) {
    throw new DataSetError('INFLATE', 'The deflated data set cannot be inflated', 0, 0, error);
  }
}

/**
 * Decodes a data set without file meta information (PS3.5 7). Values are views into `buf` where the byte order allows it.
 * @throws DataSetError TRUNCATED, LENGTH_BEYOND_END, NOT_AN_ITEM, UNEXPECTED_ITEM, ENCAPSULATED, TOO_DEEP, TOO_MANY_ELEMENTS, INFLATE
 */
export function decodeDataSet(
  buf: Buffer,
  transferSyntaxUid: string,
  limits: DataSetLimits = DATA_SET_LIMITS,
): DataSet {
  const syntax = transferSyntax(transferSyntaxUid);
  const plain = syntax?.deflated === true ? inflate(buf, limits) : buf;
  const dataSet: DataSet = new Map();
  new Decoder(plain, limits).elements(
    dataSet,
    0,
    plain.length,
    false,
    syntax?.explicit ?? true,
    syntax?.littleEndian ?? true,
    0,
  );
  return dataSet;
}

/** Encodes a data set in tag order, with defined lengths and even padding (PS3.5 7.1, 7.5), in any uncompressed transfer syntax. */
export function encodeDataSet(dataSet: DataSet, transferSyntaxUid: string): Buffer {
  const syntax = transferSyntax(transferSyntaxUid);
  const parts: Buffer[] = [];
  encodeElements(parts, dataSet, syntax?.explicit ?? true, syntax?.littleEndian ?? true);
  const plain = Buffer.concat(parts);
  if (syntax?.deflated !== true) return plain;
  const deflated = deflateRawSync(plain);
  // PS3.5 A.5: one NUL to make the length even.
  return deflated.length % 2 === 0 ? deflated : Buffer.concat([deflated, Buffer.from([0])]);
}

/** An element with text in a character set (raw (0008,0005) value); a character that the set lacks becomes `?`. */
export function text(tag: number, vr: Exclude<VR, 'SQ'>, value: string, charset: string): Element {
  const whole = encodeText(value, charset, vr);
  if (whole !== undefined) return { tag, vr, bytes: whole };
  const known = Array.from(value, (char) => (encodeText(char, charset, vr) === undefined ? '?' : char)).join('');
  return { tag, vr, bytes: encodeText(known, charset, vr) ?? Buffer.from(known.replaceAll(/[^ -~]/g, '?'), 'latin1') };
}

/** A UI element; several UIDs are joined by a backslash. */
export function uid(tag: number, value: string): Element {
  return { tag, vr: 'UI', bytes: Buffer.from(value, 'latin1') };
}

export function unsignedShort(tag: number, value: number): Element {
  const bytes = Buffer.alloc(2);
  bytes.writeUInt16LE(value);
  return { tag, vr: 'US', bytes };
}

export function sequence(tag: number, items: DataSet[]): Element {
  return { tag, vr: 'SQ', items };
}

export function dataSetOf(...elements: Element[]): DataSet {
  return new Map(elements.map((element) => [element.tag, element]));
}

function bytesOf(dataSet: DataSet, tag: number): Buffer | undefined {
  const element = dataSet.get(tag);
  return element === undefined || element.vr === 'SQ' ? undefined : element.bytes;
}

/** The text of an element without padding, values joined by a backslash; undefined when it is absent or a sequence. */
export function getString(dataSet: DataSet, tag: number, charset: string): string | undefined {
  const element = dataSet.get(tag);
  if (element === undefined || element.vr === 'SQ') return undefined;
  return trimValues(decodeText(element.bytes, charset, element.vr), element.vr);
}

/** The UID of an element, checked on its raw bytes; undefined when absent or empty. @throws UidError */
export function getUid(dataSet: DataSet, tag: number): string | undefined {
  const bytes = bytesOf(dataSet, tag);
  return bytes === undefined || bytes.length === 0 ? undefined : parseUid(bytes);
}

/** The first value of a US element; undefined when absent or too short. */
export function getUS(dataSet: DataSet, tag: number): number | undefined {
  const bytes = bytesOf(dataSet, tag);
  return bytes === undefined || bytes.length < 2 ? undefined : bytes.readUInt16LE(0);
}

/** The items of a sequence, none when it is absent. */
export function getItems(dataSet: DataSet, tag: number): readonly DataSet[] {
  const element = dataSet.get(tag);
  return element?.vr === 'SQ' ? element.items : [];
}
