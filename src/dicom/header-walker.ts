import { ElementHead, UNDEFINED_LENGTH } from './element-head.ts';
import { HEADER_ATTRIBUTES, type HeaderAttribute, type HeaderAttributes } from './header-attributes.ts';
import { HeaderFault, type HeaderFaultCode } from './header-fault.ts';
import type { RawItem } from './header-values.ts';
import { TAG } from './tags.ts';

const MAX_DEPTH = 32;
// No attribute that is kept has so long a value (PS3.5 table 6.2-1).
const MAX_VALUE = 64 << 10;
// Enough for the values of most headers.
const KEPT_BLOCK = 2048;
const EMPTY = Buffer.alloc(0);
const HIGHEST_ATTRIBUTE = Math.max(...HEADER_ATTRIBUTES.keys());
const IDENTIFYING: ReadonlySet<number> = new Set([
  TAG.SOPClassUID,
  TAG.SOPInstanceUID,
  TAG.StudyInstanceUID,
  TAG.SeriesInstanceUID,
]);
// Bulk data: nothing that the header is read for comes after it.
const PIXEL_GROUP = 0x7fe00000;
// The group is odd (PS3.5 7.8).
const PRIVATE_BIT = 0x10000;

interface Frame {
  /** Holds items; else it holds elements. */
  readonly sequence: boolean;
  /** Items are fragments of bytes, not data sets (PS3.5 A.4). */
  readonly fragments: boolean;
  /** Offset of the first byte after it; Infinity when a delimiter ends it. */
  readonly end: number;
  /** Offset that nothing within may pass: the nearest end that is known. */
  readonly limit: number;
  readonly explicit: boolean;
  readonly littleEndian: boolean;
  /** What to keep within, if anything. */
  readonly wanted: HeaderAttributes | undefined;
  readonly item: RawItem | undefined;
  readonly items: RawItem[] | undefined;
}

/**
 * Walks the elements of a data set as chunks of it arrive, keeps the raw values of HEADER_ATTRIBUTES and passes over the rest without
 * looking at it. What is kept is copied: chunks are used again by whoever brings them.
 */
export class HeaderWalker {
  readonly root: RawItem = { values: [], sequences: [] };
  /** No more bytes are needed. */
  done = false;
  /** The byte limit came before the end of the header. */
  truncated = false;

  readonly #maxBytes: number;
  readonly #head = new ElementHead();
  readonly #stack: Frame[];
  #position = 0;
  #skip = 0;
  #examined = 0;
  #kept: Buffer = EMPTY;
  #keptBytes = 0;
  #carry: Buffer | undefined;
  #carried = 0;
  #lastTag = 0;
  #ascending = true;
  readonly #identified = new Set<number>();

  /** `maxBytes` bounds what is looked at and kept: heads of elements and wanted values. */
  constructor(explicit: boolean, littleEndian: boolean, maxBytes: number) {
    this.#maxBytes = maxBytes;
    this.#stack = [
      {
        sequence: false,
        fragments: false,
        end: Infinity,
        limit: Infinity,
        explicit,
        littleEndian,
        wanted: HEADER_ATTRIBUTES,
        item: this.root,
        items: undefined,
      },
    ];
  }

  /** @throws HeaderFault */
  write(chunk: Buffer): void {
    let at = 0;
    while (!this.done) {
      const passed = Math.min(this.#skip, chunk.length - at);
      at += passed;
      this.#skip -= passed;
      this.#position += passed;
      if (at === chunk.length) return;
      if (this.#carry === undefined) {
        const needed = this.#step(chunk, at, chunk.length - at);
        if (needed > chunk.length - at) {
          this.#take(chunk, at, chunk.length, needed);
          return;
        }
        at += needed;
      } else {
        const until = Math.min(chunk.length, at + this.#carry.length - this.#carried);
        this.#take(chunk, at, until, this.#carry.length);
        at = until;
        if (this.#carried < this.#carry.length) return;
        const needed = this.#step(this.#carry, 0, this.#carried);
        if (needed > this.#carried) {
          this.#grow(needed);
          continue;
        }
        const again = this.#carry;
        this.#carry = undefined;
        // Nothing was taken: a fault sets how far to pass over, which may end within these bytes.
        if (needed === 0 && !this.done) this.write(again);
      }
    }
  }

  /** Takes what has been read so far for all that can be read. */
  stop(): void {
    if (!this.done) this.#limit();
  }

  /** Call when the data set has ended. @throws HeaderFault when it ended too early */
  end(): void {
    if (this.done) return;
    if (this.#position === 0 && this.#carry === undefined)
      throw this.#error('HEADER_EMPTY', 'The data set is empty', 0);
    // Some writers pad with a few zero bytes.
    const padding =
      this.#carry !== undefined &&
      this.#carried < 8 &&
      this.#carry.subarray(0, this.#carried).every((byte) => byte === 0);
    this.#closeFrames();
    if (this.#skip > 0 || (this.#carry !== undefined && !padding) || this.#stack.length > 1) {
      throw this.#error('HEADER_TRUNCATED', 'The data set ends before its header does', this.#lastTag);
    }
  }

  #take(chunk: Buffer, from: number, until: number, needed: number): void {
    if (this.#carry === undefined) {
      this.#carry = Buffer.allocUnsafe(needed);
      this.#carried = 0;
    }
    chunk.copy(this.#carry, this.#carried, from, until);
    this.#carried += until - from;
  }

  #grow(needed: number): void {
    const larger = Buffer.allocUnsafe(needed);
    this.#carry!.copy(larger, 0, 0, this.#carried);
    this.#carry = larger;
  }

  #keep(buf: Buffer, from: number, until: number): Buffer {
    const length = until - from;
    if (length > this.#kept.length - this.#keptBytes) {
      this.#kept = Buffer.allocUnsafe(Math.max(length, KEPT_BLOCK));
      this.#keptBytes = 0;
    }
    buf.copy(this.#kept, this.#keptBytes, from, until);
    this.#keptBytes += length;
    return this.#kept.subarray(this.#keptBytes - length, this.#keptBytes);
  }

  #error(code: HeaderFaultCode, message: string, tag: number): HeaderFault {
    return new HeaderFault(code, message, tag, this.#position);
  }

  #closeFrames(): void {
    while (this.#stack.length > 1 && this.#position >= this.#stack.at(-1)!.end) this.#stack.pop();
  }

  /** Handles one element, item or delimiter at `at`. Returns the bytes that it takes; more than `available` means: come again with so many. */
  #step(buf: Buffer, at: number, available: number): number {
    this.#closeFrames();
    const frame = this.#stack.at(-1)!;
    const head = this.#head;
    const needed = head.read(buf, at, available, frame.explicit, frame.littleEndian);
    if (needed > available) return needed;
    const { tag, length } = head;
    if (this.#stack.length === 1 && this.#endsHeader(tag)) {
      this.done = true;
      return 0;
    }
    const end = length === UNDEFINED_LENGTH ? Infinity : this.#position + needed + length;
    if (this.#position + needed + (end === Infinity ? 0 : length) > frame.limit)
      return this.#recover('HEADER_UNREADABLE', `A length of ${length} bytes goes beyond what it is in`, tag);
    if (frame.sequence) return this.#stepItem(frame, tag, end);
    if (tag >>> 16 === 0xfffe) {
      if (tag !== TAG.ItemDelimitationItem || this.#stack.length === 1 || frame.end !== Infinity)
        return this.#recover('HEADER_UNREADABLE', 'An item or delimiter is out of place', tag);
      this.#stack.pop();
      return this.#consume(needed, 0);
    }
    return this.#stepElement(frame, buf, at, available, end);
  }

  #stepItem(frame: Frame, tag: number, end: number): number {
    if (tag === TAG.SequenceDelimitationItem && frame.end === Infinity) {
      this.#stack.pop();
      return this.#consume(8, 0);
    }
    if (tag !== TAG.Item || (frame.fragments && end === Infinity))
      return this.#recover('HEADER_UNREADABLE', 'A sequence holds something else than items', tag);
    if (frame.wanted === undefined && end !== Infinity) return this.#consume(8, end - this.#position - 8);
    const item: RawItem | undefined = frame.items === undefined ? undefined : { values: [], sequences: [] };
    if (item !== undefined) frame.items!.push(item);
    return this.#push(
      { ...frame, sequence: false, end, limit: Math.min(frame.limit, end), item, items: undefined },
      8,
      tag,
    );
  }

  #stepElement(frame: Frame, buf: Buffer, at: number, available: number, end: number): number {
    const { tag, vr, length, size } = this.#head;
    const attribute = (tag & PRIVATE_BIT) === 0 ? frame.wanted?.get(tag) : undefined;
    const known = vr === undefined || vr === 'UN' ? attribute?.vr : vr;
    if (length === UNDEFINED_LENGTH || known === 'SQ') {
      const wanted = known === 'SQ' ? attribute : undefined;
      if (wanted?.items === undefined && end !== Infinity) return this.#consume(size, length);
      return this.#pushSequence(frame, wanted, end);
    }
    if (attribute === undefined || attribute.items !== undefined || frame.item === undefined || length > MAX_VALUE)
      return this.#consume(size, length);
    const needed = size + length;
    if (this.#examined + needed > this.#maxBytes) return this.#limit();
    if (needed > available) return needed;
    const bytes = this.#keep(buf, at + size, at + needed);
    frame.item.values.push({ attribute, vr, bytes, offset: this.#position, littleEndian: frame.littleEndian });
    if (this.#stack.length === 1 && IDENTIFYING.has(tag)) this.#identified.add(tag);
    return this.#consume(needed, 0);
  }

  #pushSequence(frame: Frame, attribute: HeaderAttribute | undefined, end: number): number {
    const { tag, vr, size } = this.#head;
    const items: RawItem[] | undefined = attribute === undefined ? undefined : [];
    // UN holds implicit little endian whatever the syntax around it is (PS3.5 6.2.2 note 2, CP-246).
    const coding =
      vr === 'UN'
        ? { explicit: false, littleEndian: true }
        : { explicit: frame.explicit, littleEndian: frame.littleEndian };
    const fragments = vr !== undefined && vr !== 'SQ' && vr !== 'UN';
    const wanted = attribute?.items;
    if (attribute !== undefined && items !== undefined) frame.item?.sequences.push({ attribute, items });
    return this.#push(
      { sequence: true, fragments, end, limit: Math.min(frame.limit, end), ...coding, wanted, item: undefined, items },
      size,
      tag,
    );
  }

  #push(frame: Frame, size: number, tag: number): number {
    if (this.#stack.length > MAX_DEPTH)
      return this.#recover('HEADER_TOO_DEEP', `Sequences nested deeper than ${MAX_DEPTH}`, tag);
    this.#stack.push(frame);
    return this.#consume(size, 0);
  }

  #consume(bytes: number, skip: number): number {
    this.#examined += bytes;
    if (this.#examined > this.#maxBytes) return this.#limit();
    this.#position += bytes;
    this.#skip = skip;
    return bytes;
  }

  #limit(): number {
    this.truncated = true;
    this.done = true;
    return 0;
  }

  /**
   * A fault within something whose length is known costs only that: it is dropped and passed over, since what identifies the object
   * is elsewhere. A fault anywhere else ends the reading.
   */
  #recover(code: HeaderFaultCode, message: string, tag: number): number {
    const depth = this.#stack.findIndex((frame) => frame.end !== Infinity);
    if (depth === -1) throw this.#error(code, message, tag);
    const frame = this.#stack[depth]!;
    if (frame.sequence) frame.items?.splice(0);
    else this.#stack[depth - 1]!.items?.pop();
    this.#stack.length = depth;
    this.#skip = frame.end - this.#position;
    return 0;
  }

  #endsHeader(tag: number): boolean {
    if (tag === TAG.EncapsulatedDocument || tag === TAG.WaveformSequence || tag >= PIXEL_GROUP)
      return tag < 0xfffe0000 || tag > 0xfffeffff;
    if (tag < this.#lastTag) this.#ascending = false;
    this.#lastTag = tag;
    // Elements come in order of their tags (PS3.5 7.1), so a header that has kept to it is complete here.
    return tag > HIGHEST_ATTRIBUTE && this.#ascending && this.#identified.size === IDENTIFYING.size;
  }
}
