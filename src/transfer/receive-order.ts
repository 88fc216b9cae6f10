import type { TreeFile } from '../store/tree-walk.ts';

export interface ReceivedObject {
  readonly sha256: string;
  readonly size: number;
  /** When the file was written, the time of receipt, in ms since 1970. */
  readonly mtimeMs: number;
}

const DIGEST_BYTES = 32;

/**
 * The objects of a tree in the order in which they were received. The tree is walked in the order of digests; which patient a study
 * belongs to, and which of two values it shows, depends on the order of arrival. 48 bytes of memory an object.
 */
export class ReceiveOrder {
  #digests = Buffer.alloc(DIGEST_BYTES * 1024);
  #times = new Float64Array(1024);
  #sizes = new Float64Array(1024);
  #count = 0;

  get count(): number {
    return this.#count;
  }

  add(sha256: string, { size, mtimeMs }: Pick<TreeFile, 'size' | 'mtimeMs'>): void {
    if (this.#count === this.#times.length) this.#grow();
    this.#digests.write(sha256, this.#count * DIGEST_BYTES, 'hex');
    this.#times[this.#count] = mtimeMs;
    this.#sizes[this.#count] = size;
    this.#count += 1;
  }

  /** Oldest first; those of one moment in the order in which they were added. */
  *[Symbol.iterator](): Generator<ReceivedObject> {
    const times = this.#times;
    const order = Uint32Array.from({ length: this.#count }, (_, n) => n).sort(
      (a, b) => (times[a] ?? 0) - (times[b] ?? 0) || a - b,
    );
    for (const n of order) {
      const sha256 = this.#digests.toString('hex', n * DIGEST_BYTES, (n + 1) * DIGEST_BYTES);
      yield { sha256, size: this.#sizes[n] ?? 0, mtimeMs: times[n] ?? 0 };
    }
  }

  #grow(): void {
    this.#digests = Buffer.concat([this.#digests, Buffer.alloc(this.#digests.length)]);
    const [times, sizes] = [this.#times, this.#sizes];
    this.#times = new Float64Array(times.length * 2);
    this.#times.set(times);
    this.#sizes = new Float64Array(sizes.length * 2);
    this.#sizes.set(sizes);
  }
}
