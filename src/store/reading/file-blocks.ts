import type { Slot } from './shared-slots.ts';
import type { Filled, ThreadClient } from './thread-client.ts';

/** A file that is read block by block, ahead of who takes the blocks. Whoever opened it closes it. */
export interface BlockFile {
  /**
   * The next block; undefined after the last one. `left`: nobody looks any more at those taken before the last one, whose memory then
   * serves again. Rejects with StoreError.
   */
  take(left: boolean): Promise<Buffer | undefined>;
  /** After the last block: bytes of the file, at most one more than it should have, and SHA-256 in hex, '' when not asked for. */
  end(): { readonly size: number; readonly sha256: string };
  /** To be called once. `seen`: nobody looks at any block any more. */
  close(seen: boolean): void;
}

const BLOCK = 1024 * 1024;
/** Blocks that are read while one is being sent: the thread always has something to do. */
const AHEAD = 2;

export class FileBlocks implements BlockFile {
  readonly #thread: ThreadClient;
  readonly #path: string;
  readonly #size: number;
  readonly #hashed: boolean;
  readonly #file: number;
  readonly #ahead: { readonly filled: Promise<Filled>; readonly asked: number }[] = [];
  /** Of blocks that were taken and may still be looked at, in their order. */
  readonly #taken: Slot[] = [];
  #ordered = 0;
  #read = 0;
  #sha256 = '';

  constructor(thread: ThreadClient, path: string, size: number, hashed: boolean) {
    this.#thread = thread;
    this.#path = path;
    this.#size = size;
    this.#hashed = hashed;
    this.#file = thread.nextFile();
    this.#order();
  }

  async take(left: boolean): Promise<Buffer | undefined> {
    const next = this.#ahead.shift();
    if (next === undefined) return undefined;
    this.#letGo(this.#taken.splice(0, this.#taken.length - 1), left);
    const { slot, length, sha256 } = await next.filled;
    this.#taken.push(slot);
    this.#read += length;
    this.#sha256 = sha256;
    // A file that ends too early is closed.
    if (length < next.asked) this.#ordered = this.#size;
    this.#order();
    return Buffer.from(slot.memory, 0, Math.min(length, next.asked));
  }

  end(): { size: number; sha256: string } {
    return { size: this.#read, sha256: this.#sha256 };
  }

  close(seen: boolean): void {
    if (this.#ahead.length > 0) this.#thread.tell({ kind: 'end', file: this.#file });
    this.#ordered = this.#size;
    for (const { filled } of this.#ahead.splice(0)) filled.then(({ slot }) => this.#thread.release(slot, true), ignore);
    this.#letGo(this.#taken.splice(0), seen);
  }

  #order(): void {
    while (this.#ahead.length < AHEAD && this.#ordered < this.#size) {
      const from = this.#ordered;
      const asked = Math.min(BLOCK, this.#size - from);
      this.#ordered += asked;
      const filled = this.#thread.fill(asked, (into) => ({
        ...into,
        kind: 'block',
        file: this.#file,
        path: this.#path,
        length: asked,
        hashed: this.#hashed,
        first: from === 0,
        last: this.#ordered === this.#size,
      }));
      filled.catch(ignore);
      this.#ahead.push({ filled, asked });
    }
  }

  #letGo(slots: readonly Slot[], seen: boolean): void {
    for (const slot of slots) this.#thread.release(slot, seen);
  }
}

/** Whoever takes a block sees its failure. */
function ignore(): void {}
