import { StoreError } from '../store-errors.ts';
import { ThreadClient } from './thread-client.ts';
import type { WholeFile } from './thread-client.ts';

/** As many wait for the disk at once. */
const MAX_THREADS = 4;
/** What takes longer than this waits for much that was asked before, or for a disk that has stopped to answer. */
const LATE_MS = 50;

/**
 * Reads whole files and hashes them on threads of its own, begun when they are needed. One call a file crosses over and back, many
 * files in one message, and neither a slow disk nor the hash holds up the thread that talks to the network; its thread pool would cost
 * several such crossings a file, of 50-80 µs each.
 */
export class WholeReader implements AsyncDisposable {
  #threads: ThreadClient[] = [];
  #closed = false;

  /** A file of `size` bytes, with its SHA-256 when `hashed`. Rejects with StoreError. */
  read(path: string, size: number, hashed: boolean): Promise<WholeFile> {
    if (this.#closed)
      return Promise.reject(new StoreError('STORE_STOPPED', 'Nothing more is read: the store is closed'));
    return this.#thread().read(path, size, hashed);
  }

  /**
   * Files that lie in memory are read and hashed by one thread, as fast as it can: a second one would take its core from those who send
   * and receive. Those that come from the disk are waited for by several.
   */
  #thread(): ThreadClient {
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
    const thread = new ThreadClient();
    this.#threads.push(thread);
    return thread;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#closed = true;
    await Promise.all(this.#threads.map((thread) => thread.close()));
  }
}
