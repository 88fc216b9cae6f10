import { StoreError } from '../store-errors.ts';
import { ThreadClient } from './thread-client.ts';
import type { WholeFile } from './thread-client.ts';

/** As many wait for a disk at once. */
const MAX_THREADS = 4;
/** What takes longer than this waits for the disk, or for much that was asked before: another thread begins meanwhile. */
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

  #thread(): ThreadClient {
    const now = performance.now();
    const prompt = this.#threads.find((thread) => thread.alive && thread.delay(now) < LATE_MS);
    if (prompt !== undefined) return prompt;
    this.#threads = this.#threads.filter((thread) => thread.alive);
    if (this.#threads.length < MAX_THREADS) {
      const thread = new ThreadClient();
      this.#threads.push(thread);
      return thread;
    }
    return this.#threads.reduce((least, thread) => (thread.load < least.load ? thread : least));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#closed = true;
    await Promise.all(this.#threads.map((thread) => thread.close()));
  }
}
