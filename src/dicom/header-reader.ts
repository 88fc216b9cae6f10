import { KuvaError } from '../core/errors.ts';
import { tagText } from './dictionary.ts';
import { HeaderFault, type HeaderFaultCode } from './header-fault.ts';
import { charsetOf, decodeItem } from './header-values.ts';
import { HeaderWalker } from './header-walker.ts';
import { PrefixInflater } from './prefix-inflater.ts';
import { transferSyntax } from './transfer-syntaxes.ts';

/** Why the header of an instance cannot be used; `tag` as 0xGGGGEEEE (0 when none), `offset` in bytes from the start of the (inflated) data set. */
export class HeaderError extends KuvaError {
  override readonly name = 'HeaderError';
  declare readonly code: HeaderFaultCode;
  readonly tag: number;
  readonly offset: number;

  constructor({ code, message, tag, offset, cause }: HeaderFault) {
    super(code, `${message} at ${tagText(tag)}, byte ${offset}`, { tag, offset }, cause);
    this.tag = tag;
    this.offset = offset;
  }
}

/** Attributes by keyword: Unicode text, values joined by a backslash, or the items of a sequence. */
export interface HeaderItem {
  [keyword: string]: string | HeaderItem[];
}

/** What the index and the rules need to know of an instance. */
export interface InstanceHeader {
  /** Raw Specific Character Set (0008,0005), '' when absent. */
  readonly charset: string;
  readonly attributes: HeaderItem;
  /** The byte limit was reached first: attributes may be missing. */
  readonly truncated: boolean;
}

export interface HeaderReaderOptions {
  readonly transferSyntaxUid: string;
  /** Bytes of the header to look at, at most; see DEFAULT_HEADER_BYTES. */
  readonly maxBytes: number;
}

export const DEFAULT_HEADER_BYTES = 256 << 10;

/**
 * Reads the header of an instance from the first bytes of its data set as they pass, in any transfer syntax. A fault in
 * the bytes does not show in `push`, so that they can go on to where they are kept; `finish` says what is wrong with them.
 */
export class HeaderReader {
  readonly #maxBytes: number;
  #walker: HeaderWalker | undefined;
  readonly #inflater: PrefixInflater | undefined;
  #first: Buffer = Buffer.alloc(0);
  #fault: HeaderFault | undefined;

  constructor({ transferSyntaxUid, maxBytes }: HeaderReaderOptions) {
    this.#maxBytes = maxBytes;
    const syntax = transferSyntax(transferSyntaxUid);
    this.#inflater = syntax?.deflated === true ? new PrefixInflater(maxBytes) : undefined;
    this.#walker = syntax === undefined ? undefined : new HeaderWalker(syntax.explicit, syntax.littleEndian, maxBytes);
  }

  /** Takes the next bytes of the data set, and copies what it needs of them. True when no more are needed. */
  push(chunk: Buffer): boolean {
    if (this.#fault !== undefined) return true;
    try {
      return this.#push(chunk);
    } catch (error) {
      if (!(error instanceof HeaderFault)) throw error;
      this.#fault = error;
      return true;
    }
  }

  #push(chunk: Buffer): boolean {
    const walker = this.#walker;
    if (walker === undefined) return this.#guess(chunk);
    if (walker.done) return true;
    if (this.#inflater === undefined) walker.write(chunk);
    else this.#inflater.write(chunk, walker);
    return walker.done;
  }

  // A private transfer syntax says nothing about its coding: the first element shows whether there is a VR (PS3.5 10.1).
  #guess(chunk: Buffer): boolean {
    this.#first = Buffer.concat([this.#first, chunk]);
    if (this.#first.length < 6) return false;
    const explicit = /^[A-Z]{2}$/.test(this.#first.toString('latin1', 4, 6));
    const walker = new HeaderWalker(explicit, true, this.#maxBytes);
    this.#walker = walker;
    walker.write(this.#first);
    return walker.done;
  }

  /**
   * The header, once `push` has returned true or the data set has ended.
   * @throws HeaderError HEADER_EMPTY, HEADER_UNREADABLE, HEADER_TRUNCATED, HEADER_TOO_DEEP, HEADER_INFLATE, UID_INVALID
   */
  finish(): InstanceHeader {
    try {
      return this.#finish();
    } catch (error) {
      throw error instanceof HeaderFault ? new HeaderError(error) : error;
    }
  }

  #finish(): InstanceHeader {
    if (this.#fault !== undefined) throw this.#fault;
    const walker = this.#walker;
    if (walker === undefined)
      throw new HeaderFault('HEADER_EMPTY', 'The data set has hardly any bytes', 0, this.#first.length);
    this.#inflater?.end(walker);
    walker.end();
    return {
      charset: charsetOf(walker.root, ''),
      attributes: decodeItem(walker.root, ''),
      truncated: walker.truncated,
    };
  }
}
