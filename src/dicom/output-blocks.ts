const BLOCK = 16 << 10;
const SMALL = 2 << 10;

/** Joins small pieces of output into blocks and passes large ones through, so that a consumer gets few buffers. */
export class OutputBlocks {
  #done: Buffer[] = [];
  #block: Buffer = Buffer.alloc(0);
  #used = 0;

  /** `piece` must not change afterwards. */
  put(piece: Buffer): void {
    if (piece.length >= SMALL) {
      this.#seal();
      this.#done.push(piece);
      return;
    }
    if (this.#used + piece.length > this.#block.length) {
      this.#seal();
      this.#block = Buffer.allocUnsafe(BLOCK);
      this.#used = 0;
    }
    piece.copy(this.#block, this.#used);
    this.#used += piece.length;
  }

  /** All that was put since the last call. */
  take(): Buffer[] {
    this.#seal();
    const done = this.#done;
    this.#done = [];
    return done;
  }

  #seal(): void {
    if (this.#used === 0) return;
    this.#done.push(this.#block.subarray(0, this.#used));
    this.#block = this.#block.subarray(this.#used);
    this.#used = 0;
  }
}
