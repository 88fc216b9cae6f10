import { KuvaError } from '../core/errors.ts';
import { swapUnits } from './byte-order.ts';
import { isSignedByPixels, tagText, vrOf } from './dictionary.ts';
import { encodeHead, ElementHead, MAX_SHORT_LENGTH, UNDEFINED_LENGTH } from './element-head.ts';
import { OutputBlocks } from './output-blocks.ts';
import { TAG } from './tags.ts';
import { VR_TRAITS, type VR } from './vr-table.ts';

/** A data set that cannot be re-encoded; `facts.tag`, `facts.offset` in the source. */
export class RecodeError extends KuvaError {
  override readonly name = 'RecodeError';
}

/** What distinguishes the uncompressed transfer syntaxes (PS3.5 A.1-A.3). */
export interface Coding {
  readonly explicit: boolean;
  readonly littleEndian: boolean;
}

interface Frame extends Coding {
  readonly sequence: boolean;
  /** Offset of the first byte after it in the source; Infinity when a delimiter ends it. */
  readonly end: number;
  /** Offset that nothing within may pass. */
  readonly limit: number;
}

const MAX_DEPTH = 64;
const IMPLICIT_LITTLE: Coding = { explicit: false, littleEndian: true };

/**
 * Turns a data set from one uncompressed coding into another as it passes: memory does not grow with values. Sequences and items get
 * undefined lengths, since theirs change; group lengths are left out (retired, PS3.5 7.2). Values keep their bytes, but for their order and the padding of an odd one.
 */
export class ElementTranscoder {
  readonly #to: Coding;
  readonly #head = new ElementHead();
  readonly #stack: Frame[];
  readonly #out = new OutputBlocks();
  #position = 0;
  #carry: Buffer = Buffer.alloc(0);
  #valueLeft = 0;
  #valueUnit: 1 | 2 | 4 | 8 = 1;
  #valueDropped = false;
  #half: Buffer = Buffer.alloc(0);
  #pad: Buffer | undefined;
  #watched = false;
  #signedPixels = false;

  constructor(from: Coding, to: Coding) {
    this.#to = to;
    this.#stack = [{ ...from, sequence: false, end: Infinity, limit: Infinity }];
  }

  /** The output that `chunk` makes. @throws RecodeError */
  write(chunk: Buffer): Buffer[] {
    let rest = chunk;
    while (rest.length > 0) {
      if (this.#valueLeft > 0) {
        const piece = rest.subarray(0, this.#valueLeft);
        this.#value(piece);
        rest = rest.subarray(piece.length);
        continue;
      }
      // A head is 12 bytes at most, so that joining what straddles two chunks costs nothing.
      const buf = this.#carry.length === 0 ? rest : Buffer.concat([this.#carry, rest.subarray(0, 16)]);
      const needed = this.#step(buf);
      if (needed > buf.length) {
        this.#carry = Buffer.concat([this.#carry, rest]);
        break;
      }
      rest = rest.subarray(needed - this.#carry.length);
      this.#carry = Buffer.alloc(0);
    }
    return this.#out.take();
  }

  /** The last output. @throws RecodeError TRUNCATED */
  end(): Buffer[] {
    this.#closeFrames();
    const padding = this.#carry.length < 8 && this.#carry.every((byte) => byte === 0);
    if (this.#valueLeft > 0 || !padding || this.#stack.length > 1)
      throw this.#error('TRUNCATED', 'The data set ends within an element', this.#head.tag);
    return this.#out.take();
  }

  #error(code: string, message: string, tag: number): RecodeError {
    return new RecodeError(code, `${message} at ${tagText(tag)}, byte ${this.#position}`, {
      tag,
      offset: this.#position,
    });
  }

  #value(piece: Buffer): void {
    this.#valueLeft -= piece.length;
    this.#position += piece.length;
    // Pixel Representation is 0 or 1 in either byte order (PS3.3 C.7.6.3.1).
    if (this.#watched && piece.includes(1)) this.#signedPixels = true;
    if (this.#valueDropped) return;
    if (this.#valueUnit === 1) this.#out.put(piece);
    else this.#swapped(piece);
    if (this.#valueLeft === 0 && this.#pad !== undefined) this.#out.put(this.#pad);
  }

  #swapped(piece: Buffer): void {
    const bytes = Buffer.concat([this.#half, piece]);
    const whole = this.#valueLeft === 0 ? bytes.length : bytes.length - (bytes.length % this.#valueUnit);
    this.#out.put(swapUnits(bytes.subarray(0, whole), this.#valueUnit));
    this.#half = bytes.subarray(whole);
  }

  #delimiter(tag: number): void {
    this.#out.put(encodeHead(tag, undefined, 0, this.#to.explicit, this.#to.littleEndian));
  }

  #pop(): void {
    const frame = this.#stack.pop()!;
    this.#delimiter(frame.sequence ? TAG.SequenceDelimitationItem : TAG.ItemDelimitationItem);
  }

  #closeFrames(): void {
    while (this.#stack.length > 1 && this.#position >= this.#stack.at(-1)!.end) this.#pop();
  }

  #step(buf: Buffer): number {
    this.#closeFrames();
    const frame = this.#stack.at(-1)!;
    const head = this.#head;
    const needed = head.read(buf, 0, buf.length, frame.explicit, frame.littleEndian);
    if (needed > buf.length) return needed;
    const { tag, length } = head;
    const end = length === UNDEFINED_LENGTH ? Infinity : this.#position + needed + length;
    if (this.#position + needed + (end === Infinity ? 0 : length) > frame.limit)
      throw this.#error('LENGTH_BEYOND_END', `A length of ${length} bytes goes beyond what it is in`, tag);
    const isDelimiter = tag === (frame.sequence ? TAG.SequenceDelimitationItem : TAG.ItemDelimitationItem);
    if (isDelimiter && frame.end === Infinity && this.#stack.length > 1) {
      this.#pop();
      return this.#consume(needed);
    }
    if (frame.sequence !== (tag === TAG.Item) || (!frame.sequence && tag >>> 16 === 0xfffe))
      throw this.#error('MALFORMED', 'An item, delimiter or element is out of place', tag);
    if (frame.sequence) return this.#open(frame, { sequence: false, end, tag, vr: undefined }, needed);
    return this.#element(frame, end, needed);
  }

  #consume(bytes: number): number {
    this.#position += bytes;
    return bytes;
  }

  #open(
    coding: Coding,
    { sequence, end, tag, vr }: { sequence: boolean; end: number; tag: number; vr: VR | undefined },
    needed: number,
  ): number {
    if (this.#stack.length > MAX_DEPTH)
      throw this.#error('TOO_DEEP', `Sequences nested deeper than ${MAX_DEPTH / 2}`, tag);
    const { limit } = this.#stack.at(-1)!;
    this.#stack.push({
      explicit: coding.explicit,
      littleEndian: coding.littleEndian,
      sequence,
      end,
      limit: Math.min(limit, end),
    });
    this.#out.put(encodeHead(tag, vr, UNDEFINED_LENGTH, this.#to.explicit, this.#to.littleEndian));
    return this.#consume(needed);
  }

  #element(frame: Frame, end: number, needed: number): number {
    const { tag, vr, length } = this.#head;
    const known = frame.explicit ? (vr ?? 'UN') : this.#vrInImplicit(tag);
    if (known === 'SQ' || end === Infinity) {
      if (known !== 'SQ' && known !== 'UN' && frame.explicit)
        throw this.#error('ENCAPSULATED', 'Encapsulated data cannot be re-encoded', tag);
      // UN holds implicit little endian whatever the syntax around it is (PS3.5 6.2.2 note 2).
      return this.#open(vr === 'UN' ? IMPLICIT_LITTLE : frame, { sequence: true, end, tag, vr: 'SQ' }, needed);
    }
    this.#watched = tag === TAG.PixelRepresentation;
    if (this.#watched) this.#signedPixels = false;
    this.#valueDropped = (tag & 0xffff) === 0;
    this.#valueLeft = length;
    // Too long for a 16-bit length: sent as UN, which is little endian (PS3.5 6.2.2).
    const written = this.#to.explicit && !VR_TRAITS[known].longLength && length > MAX_SHORT_LENGTH ? 'UN' : known;
    this.#valueUnit = frame.littleEndian === this.#to.littleEndian || written === 'UN' ? 1 : VR_TRAITS[written].unit;
    // Values have even lengths (PS3.5 7.1.1); one that has not gets its padding here.
    this.#pad = length % 2 === 0 ? undefined : Buffer.from([VR_TRAITS[written].text && written !== 'UI' ? 0x20 : 0]);
    if (!this.#valueDropped)
      this.#out.put(encodeHead(tag, written, length + (length % 2), this.#to.explicit, this.#to.littleEndian));
    return this.#consume(needed);
  }

  #vrInImplicit(tag: number): VR {
    if (this.#signedPixels && isSignedByPixels(tag)) return 'SS';
    return vrOf(tag) ?? 'UN';
  }
}
