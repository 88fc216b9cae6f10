// Below this a chunk is copied: a list entry and a pinned network block would cost more than the copy.
const SMALL = 4096;
const BLOCK = 64 * 1024;

/** Bytes waiting to be written, in order. Many small chunks become few blocks; large ones are kept as they are. */
export class ChunkQueue {
  #chunks: Buffer[] = [];
  #bytes = 0;
  #block: Buffer | undefined;
  #filled = 0;

  get bytes(): number {
    return this.#bytes;
  }

  push(chunk: Buffer): void {
    if (chunk.length === 0) return;
    this.#bytes += chunk.length;
    if (chunk.length >= SMALL) {
      this.#endBlock();
      this.#chunks.push(chunk);
      return;
    }
    if (this.#block !== undefined && this.#filled + chunk.length > this.#block.length) this.#endBlock();
    // The first block of a small object is small, too: most objects bring one or two short chunks.
    this.#block ??= Buffer.allocUnsafeSlow(this.#chunks.length === 0 ? SMALL : BLOCK);
    chunk.copy(this.#block, this.#filled);
    this.#filled += chunk.length;
  }

  /** Takes chunks from the front until `limit` bytes are reached; a chunk is never split. */
  take(limit: number): Buffer[] {
    this.#endBlock();
    let bytes = 0;
    let count = 0;
    while (count < this.#chunks.length && bytes < limit) {
      bytes += this.#chunks[count]!.length;
      count += 1;
    }
    const taken = this.#chunks.splice(0, count);
    this.#bytes -= bytes;
    return taken;
  }

  #endBlock(): void {
    if (this.#block === undefined) return;
    const filled = this.#block.subarray(0, this.#filled);
    // A few bytes must not keep a whole block, or memory would not follow the count of bytes.
    this.#chunks.push(this.#filled * 2 < this.#block.length ? Buffer.from(filled) : filled);
    this.#block = undefined;
    this.#filled = 0;
  }
}
