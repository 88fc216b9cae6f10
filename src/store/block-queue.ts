import { createHash } from 'node:crypto';
import type { Hash } from 'node:crypto';
import type { BlockPool } from './block-pool.ts';

/**
 * The bytes of one object on their way to the disk: copied into blocks, since whoever brings them uses their memory again, and hashed
 * block by block. What is taken goes back to the pool by whoever has written it.
 */
export class BlockQueue {
  readonly #pool: BlockPool;
  #hash: Hash | undefined = createHash('sha256');
  #blocks: Buffer[] = [];
  #bytes = 0;
  #last: Buffer | undefined;
  #filled = 0;

  constructor(pool: BlockPool) {
    this.#pool = pool;
  }

  /** Whoever takes the blocks hashes them: none may have been taken before. */
  hashElsewhere(): void {
    this.#hash = undefined;
  }

  /** Bytes that have not been taken. */
  get bytes(): number {
    return this.#bytes;
  }

  push(chunk: Buffer): void {
    this.#bytes += chunk.length;
    let at = 0;
    while (at < chunk.length) {
      this.#last ??= this.#pool.take();
      const copied = chunk.copy(this.#last, this.#filled, at);
      at += copied;
      this.#filled += copied;
      if (this.#filled === this.#last.length) this.#endBlock();
    }
  }

  /** Takes all that is left. */
  takeAll(): Buffer[] {
    return this.take(Number.POSITIVE_INFINITY, true);
  }

  /**
   * Takes blocks from the front until `limit` bytes are reached. The one that is being filled is left, unless it is the only one: what is
   * written from whole blocks can go past the page cache. At the end there is nothing to wait for.
   */
  take(limit: number, atEnd: boolean): Buffer[] {
    if (atEnd || this.#blocks.length === 0) this.#endBlock();
    let bytes = 0;
    let count = 0;
    for (; count < this.#blocks.length && bytes < limit; count += 1) bytes += this.#blocks[count]!.length;
    this.#bytes -= bytes;
    return this.#blocks.splice(0, count);
  }

  /** SHA-256 in hex of all that was pushed; once, and not when it is made elsewhere. */
  digest(): string {
    this.#endBlock();
    return this.#hash!.digest('hex');
  }

  #endBlock(): void {
    if (this.#last === undefined) return;
    const block = this.#last.subarray(0, this.#filled);
    this.#last = undefined;
    this.#filled = 0;
    this.#hash?.update(block);
    this.#blocks.push(block);
  }
}
