import { toError } from '../core/errors.ts';
import { charsetOf, decodeItem, type HeaderItem } from './header-values.ts';
import { HeaderError } from './header-error.ts';
import { HeaderWalker } from './header-walker.ts';
import { PrefixInflater } from './prefix-inflater.ts';
import { transferSyntax } from './transfer-syntaxes.ts';

export { HeaderError, type HeaderErrorCode } from './header-error.ts';
export type { HeaderItem } from './header-values.ts';

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
 * Reads the header of an instance from the first bytes of its data set as they pass, in any transfer syntax. `push` never throws, so
 * that the bytes can go on to where they are kept; `finish` says what is wrong with them.
 */
export class HeaderReader {
  readonly #maxBytes: number;
  #walker: HeaderWalker | undefined;
  readonly #inflater: PrefixInflater | undefined;
  #first: Buffer = Buffer.alloc(0);
  #fault: Error | undefined;

  constructor({ transferSyntaxUid, maxBytes }: HeaderReaderOptions) {
    this.#maxBytes = maxBytes;
    const syntax = transferSyntax(transferSyntaxUid);
    this.#inflater = syntax?.deflated === true ? new PrefixInflater(maxBytes) : undefined;
    this.#walker = syntax === undefined ? undefined : new HeaderWalker(syntax.explicit, syntax.littleEndian, maxBytes);
  }

  /** Takes the next bytes of the data set, which must not change until `finish`. True when no more are needed. */
  push(chunk: Buffer): boolean {
    if (this.#fault !== undefined) return true;
    try {
      return this.#push(chunk);
    } catch (error) {
      this.#fault = toError(error);
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
    this.#first = this.#first.length === 0 ? chunk : Buffer.concat([this.#first, chunk]);
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
    if (this.#fault !== undefined) throw this.#fault;
    const walker = this.#walker;
    if (walker === undefined) throw new HeaderError('HEADER_EMPTY', 'The data set has hardly any bytes', 0, this.#first.length);
    this.#inflater?.end(walker);
    walker.end();
    return { charset: charsetOf(walker.root, ''), attributes: decodeItem(walker.root, ''), truncated: walker.truncated };
  }
}
