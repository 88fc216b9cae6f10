import { pageMemory } from './page-memory.ts';

export const BLOCK_BYTES = 64 * 1024;
// As much as the receptions of a busy moment hold; more goes back to the system.
const KEPT_BLOCKS = 256;

/**
 * Blocks of memory that received bytes lie in until they are written, used over and over: memory that is new for each object costs
 * its first touch, and sets off the collector of garbage every few objects. Those that are kept begin at page boundaries, so that they
 * can be written past the page cache.
 */
export class BlockPool {
  /** Of the blocks that are kept. */
  readonly memory = pageMemory(KEPT_BLOCKS * BLOCK_BYTES);
  readonly #free: Buffer[] = [];

  constructor() {
    // The last one given back is the next one taken: memory that no busy moment needed stays untouched.
    for (let block = KEPT_BLOCKS - 1; block >= 0; block -= 1)
      this.#free.push(Buffer.from(this.memory, block * BLOCK_BYTES, BLOCK_BYTES));
  }

  take(): Buffer {
    return this.#free.pop() ?? Buffer.allocUnsafeSlow(BLOCK_BYTES);
  }

  /** Takes blocks back, whole or as views from their start, that nobody will look at again. */
  give(blocks: readonly Buffer[]): void {
    for (const block of blocks) {
      if (block.buffer !== this.memory) continue;
      this.#free.push(block.length === BLOCK_BYTES ? block : Buffer.from(block.buffer, block.byteOffset, BLOCK_BYTES));
    }
  }
}
