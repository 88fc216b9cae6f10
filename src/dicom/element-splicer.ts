import { tagText } from './dictionary.ts';
import { ElementHead, UNDEFINED_LENGTH } from './element-head.ts';
import { RecodeError, type Coding } from './element-transcoder.ts';
import { OutputBlocks } from './output-blocks.ts';
import { TAG } from './tags.ts';

/** Whole encoded elements by tag, in ascending order; undefined takes the element away. */
export type Edits = ReadonlyMap<number, Buffer | undefined>;

/** Within a sequence of undefined length: what its items, or the elements of an item, are coded in. */
interface Frame {
  readonly explicit: boolean;
  readonly littleEndian: boolean;
  readonly sequence: boolean;
}

const MAX_DEPTH = 64;
/** Pixel data and what comes behind it. */
const BULK_DATA = 0x7fe00000;
const MAX_CHARSET_BYTES = 1024;

/**
 * Puts elements of the top level in the place of others as a data set passes; every other byte stays as it is, and from the bulk data on
 * blocks go through untouched. One that comes once more, out of order, is left out, and so are group lengths of groups that change (retired,
 * PS3.5 7.2). `editsFor` is asked once, with the data set's Specific Character Set ('' without one), which stands before all that it governs.
 */
export class ElementSplicer {
  readonly #coding: Coding;
  readonly #editsFor: (charset: string) => Edits;
  readonly #head = new ElementHead();
  readonly #out = new OutputBlocks();
  readonly #stack: Frame[] = [];
  /** What is left to be put in, by ascending tag; undefined while the character set is not known. */
  #edits: [number, Buffer | undefined][] | undefined;
  #tags: ReadonlySet<number> = new Set();
  #groups: ReadonlySet<number> = new Set();
  #isDone = false;
  #carry: Buffer = Buffer.alloc(0);
  #position = 0;
  #valueLeft = 0;
  #dropsValue = false;

  constructor(coding: Coding, editsFor: (charset: string) => Edits) {
    this.#coding = coding;
    this.#editsFor = editsFor;
  }

  /** The output that `chunk` makes. @throws RecodeError MALFORMED, TOO_DEEP, and what `editsFor` throws */
  write(chunk: Buffer): Buffer[] {
    let rest = chunk;
    while (rest.length > 0 && !this.#isDone) {
      if (this.#valueLeft > 0) {
        const piece = rest.subarray(0, this.#valueLeft);
        this.#valueLeft -= piece.length;
        this.#position += piece.length;
        if (!this.#dropsValue) this.#out.put(piece);
        rest = rest.subarray(piece.length);
        continue;
      }
      // A head, or the character set with its own, is short: joining what straddles two chunks costs nothing.
      const buf = this.#carry.length === 0 ? rest : Buffer.concat([this.#carry, rest.subarray(0, MAX_CHARSET_BYTES)]);
      const needed = this.#step(buf);
      if (this.#isDone) {
        this.#out.put(this.#carry);
        break;
      }
      if (needed > buf.length) {
        this.#carry = Buffer.concat([this.#carry, rest]);
        return this.#out.take();
      }
      rest = rest.subarray(needed - this.#carry.length);
      this.#carry = Buffer.alloc(0);
    }
    if (rest.length > 0) this.#out.put(rest);
    return this.#out.take();
  }

  /** The last output. @throws RecodeError TRUNCATED */
  end(): Buffer[] {
    if (this.#isDone) return [];
    const isPadding = this.#carry.length < 8 && this.#carry.every((byte) => byte === 0);
    const isWhole = this.#valueLeft === 0 && this.#stack.length === 0 && isPadding;
    if (!isWhole) this.#fault('TRUNCATED', 'The data set ends within an element');
    this.#plan('');
    this.#putBefore(Infinity);
    if (this.#carry.length > 0) this.#out.put(this.#carry);
    return this.#out.take();
  }

  /** Behind the last place what is wrong was wrong when it came, and goes on as it is. @throws RecodeError before that */
  #fault(code: string, message: string): number {
    this.#isDone = this.#edits?.length === 0;
    if (this.#isDone) return 0;
    const { tag } = this.#head;
    const offset = this.#position;
    throw new RecodeError(code, `${message} at ${tagText(tag)}, byte ${offset}`, { tag, offset });
  }

  /** Takes one head from the start of `buf`; how many bytes it took, or would need. Takes none once nothing is left to change. */
  #step(buf: Buffer): number {
    const frame = this.#stack.at(-1);
    const { explicit, littleEndian } = frame ?? this.#coding;
    const head = this.#head;
    const needed = head.read(buf, 0, buf.length, explicit, littleEndian);
    if (needed > buf.length) return needed;
    if (frame !== undefined) return this.#within(frame, buf, needed);
    return this.#topLevel(buf, needed);
  }

  #topLevel(buf: Buffer, needed: number): number {
    const { tag, length } = this.#head;
    if (tag >>> 16 === 0xfffe) return this.#fault('MALFORMED', 'An item or delimiter is out of place');
    if (this.#edits === undefined && tag === TAG.SpecificCharacterSet) {
      if (length > MAX_CHARSET_BYTES - 12) return this.#fault('MALFORMED', 'The character set is too long');
      if (buf.length < needed + length) return needed + length;
      this.#plan(buf.toString('latin1', needed, needed + length).replace(/[ \0]+$/, ''));
    } else if (this.#edits === undefined && tag > TAG.SpecificCharacterSet) {
      this.#plan('');
    }
    this.#putBefore(tag);
    if (tag >= BULK_DATA && this.#edits?.length === 0) {
      this.#isDone = true;
      return 0;
    }
    const next = this.#edits?.[0];
    if (next?.[0] === tag) {
      if (next[1] !== undefined) this.#out.put(next[1]);
      this.#edits?.shift();
    }
    return this.#value(buf, needed, this.#tags.has(tag) || ((tag & 0xffff) === 0 && this.#groups.has(tag >>> 16)));
  }

  /** Puts in what stands before the element. */
  #putBefore(tag: number): void {
    const edits = this.#edits ?? [];
    while (edits.length > 0 && edits[0]![0] < tag) {
      const [[, bytes]] = edits as [[number, Buffer | undefined]];
      if (bytes !== undefined) this.#out.put(bytes);
      edits.shift();
    }
  }

  #within(frame: Frame, buf: Buffer, needed: number): number {
    const { tag } = this.#head;
    if (tag === (frame.sequence ? TAG.SequenceDelimitationItem : TAG.ItemDelimitationItem)) {
      this.#stack.pop();
      return this.#pass(buf, needed);
    }
    if (frame.sequence !== (tag === TAG.Item) || (!frame.sequence && tag >>> 16 === 0xfffe))
      return this.#fault('MALFORMED', 'An item, delimiter or element is out of place');
    return this.#value(buf, needed, this.#dropsValue);
  }

  /** What the head at the start of `buf` begins: bytes of a known number, or what a delimiter ends. */
  #value(buf: Buffer, needed: number, isDropped: boolean): number {
    const { length, vr } = this.#head;
    const frame: Frame = this.#stack.at(-1) ?? { ...this.#coding, sequence: false };
    this.#dropsValue = isDropped;
    if (length !== UNDEFINED_LENGTH) {
      this.#valueLeft = length;
      return this.#pass(buf, needed);
    }
    if (this.#stack.length >= MAX_DEPTH)
      return this.#fault('TOO_DEEP', `Sequences nested deeper than ${MAX_DEPTH / 2}`);
    // UN of undefined length holds implicit little endian whatever the syntax around it is (PS3.5 6.2.2 note 2).
    const { explicit, littleEndian } = vr === 'UN' ? { explicit: false, littleEndian: true } : frame;
    this.#stack.push({ explicit, littleEndian, sequence: !frame.sequence });
    return this.#pass(buf, needed);
  }

  #pass(buf: Buffer, bytes: number): number {
    if (!this.#dropsValue) this.#out.put(buf.subarray(0, bytes));
    this.#position += bytes;
    return bytes;
  }

  #plan(charset: string): void {
    if (this.#edits !== undefined) return;
    this.#edits = [...this.#editsFor(charset)];
    this.#tags = new Set(this.#edits.map(([tag]) => tag));
    this.#groups = new Set(this.#edits.map(([tag]) => tag >>> 16));
  }
}
