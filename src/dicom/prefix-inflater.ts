import { constants, inflateRawSync } from 'node:zlib';
import { errorCode } from '../core/errors.ts';
import { HeaderFault } from './header-fault.ts';
import type { HeaderWalker } from './header-walker.ts';

const FIRST_TRY = 4 << 10;
// Deflate cannot make more than this of a byte.
const MAX_RATIO = 1032;
const MAX_INFLATED = 16 << 20;

/**
 * Inflates the start of a deflated data set (PS3.5 A.5) until the header walker has enough. It gathers compressed bytes and inflates
 * them at 4 KiB, 8 KiB, 16 KiB and so on, so that neither many small chunks nor a bomb can make it work without bound.
 */
export class PrefixInflater {
  readonly #maxCompressed: number;
  #chunks: Buffer[] = [];
  #gathered = 0;
  #next = FIRST_TRY;
  #inflated = 0;

  constructor(maxCompressed: number) {
    this.#maxCompressed = maxCompressed;
  }

  write(chunk: Buffer, walker: HeaderWalker): void {
    this.#chunks.push(Buffer.from(chunk));
    this.#gathered += chunk.length;
    while (!walker.done && this.#gathered >= this.#next) {
      this.#inflate(this.#next, walker);
      if (this.#next >= this.#maxCompressed) walker.stop();
      this.#next = Math.min(this.#next * 2, this.#maxCompressed);
    }
    if (walker.done) this.#chunks = [];
  }

  /** Hands over what is left when the data set has ended. */
  end(walker: HeaderWalker): void {
    if (!walker.done) this.#inflate(this.#gathered, walker);
  }

  #inflate(length: number, walker: HeaderWalker): void {
    const compressed = Buffer.concat(this.#chunks, this.#gathered);
    this.#chunks = [compressed];
    const maxOutputLength = Math.min(length * MAX_RATIO, MAX_INFLATED) + 1;
    try {
      const plain = inflateRawSync(compressed.subarray(0, length), {
        finishFlush: constants.Z_SYNC_FLUSH,
        maxOutputLength,
      });
      walker.write(plain.subarray(this.#inflated));
      this.#inflated = plain.length;
    } catch (error) {
      if (error instanceof HeaderFault) throw error;
      if (errorCode(error) !== 'ERR_BUFFER_TOO_LARGE')
        throw new HeaderFault('HEADER_INFLATE', 'The deflated data set cannot be inflated', 0, this.#inflated, error);
      walker.stop();
    }
  }
}
