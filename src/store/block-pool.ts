export const BLOCK_BYTES = 64 * 1024;
// As much as the receptions of a busy moment hold; more goes back to the system.
const KEPT_BLOCKS = 256;

/**
 * Blocks of memory that received bytes lie in until they are written, used over and over: memory that is new for each object costs
 * its first touch, and sets off the collector of garbage every few objects.
 */
export class BlockPool {
  readonly #free: Buffer[] = [];

  take(): Buffer {
    return this.#free.pop() ?? Buffer.allocUnsafeSlow(BLOCK_BYTES);
  }

  /** Takes blocks back, whole or as views from their start, that nobody will look at again. */
  give(blocks: readonly Buffer[]): void {
    for (const block of blocks) {
      if (this.#free.length === KEPT_BLOCKS) return;
      this.#free.push(block.length === BLOCK_BYTES ? block : Buffer.from(block.buffer));
    }
  }
}
