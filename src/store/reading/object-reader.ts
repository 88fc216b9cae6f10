import { StoreError } from '../store-errors.ts';
import { FileBlocks } from './file-blocks.ts';
import type { BlockFile } from './file-blocks.ts';
import type { ReadingThreadData } from './read-messages.ts';
import { ThreadClient } from './thread-client.ts';

/** A file in memory. */
export interface WholeFile {
  /** as many as the file has, one more than asked for at most */
  readonly bytes: Buffer;
  /** in hex; '' when it was not asked for, or the file is of another size */
  readonly sha256: string;
  /** To be called once. `seen`: nobody looks at the bytes any more, their memory serves for another file. */
  release(seen: boolean): void;
}

/** As many wait for the disk at once. */
const MAX_THREADS = 4;
/** What takes longer than this waits for much that was asked before, or for a disk that has stopped to answer. */
const LATE_MS = 50;

/**
 * Reads files and hashes them on threads of its own, begun when they are needed. One crossing there and back serves many small files,
 * or a megabyte of a large one, and neither a slow disk nor the hash holds up the thread that talks to the network. Its thread pool
 * would cost several crossings a file, of 50-80 µs each.
 */
export class ObjectReader implements AsyncDisposable {
  readonly #how: ReadingThreadData;
  #threads: ThreadClient[] = [];
  #closed = false;

  constructor(how: ReadingThreadData = { nice: 0 }) {
    this.#how = how;
  }

  /** A whole file of `size` bytes, with its SHA-256 when `hashed`. @throws StoreError */
  async read(path: string, size: number, hashed: boolean): Promise<WholeFile> {
    const thread = this.#thread();
    const { slot, length, sha256 } = await thread.fill(size + 1, (into) => ({
      ...into,
      kind: 'whole',
      path,
      size,
      hashed,
    }));
    return { bytes: Buffer.from(slot.memory, 0, length), sha256, release: (seen) => thread.release(slot, seen) };
  }

  /** A file of `size` bytes block by block, with its SHA-256 at the end when `hashed`. @throws StoreError */
  stream(path: string, size: number, hashed: boolean): BlockFile {
    return new FileBlocks(this.#thread(), path, size, hashed);
  }

  /**
   * Files that lie in memory are read and hashed by one thread, as fast as it can: a second one would take its core from those who send
   * and receive. Those that come from the disk are waited for by several.
   */
  #thread(): ThreadClient {
    if (this.#closed) throw new StoreError('STORE_STOPPED', 'Nothing more is read: the store is closed');
    this.#threads = this.#threads.filter((thread) => thread.alive);
    const [first] = this.#threads;
    if (first === undefined) return this.#another();
    const now = performance.now();
    const spread = this.#threads.some((thread) => thread.fromDisk) || first.delay(now) > LATE_MS;
    if (!spread) return first;
    const least = this.#threads.reduce((a, b) => (b.load < a.load ? b : a));
    return least.load > 0 && this.#threads.length < MAX_THREADS ? this.#another() : least;
  }

  #another(): ThreadClient {
    const thread = new ThreadClient(this.#how);
    this.#threads.push(thread);
    return thread;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#closed = true;
    await Promise.all(this.#threads.map((thread) => thread.close()));
  }
}
