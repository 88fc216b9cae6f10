import { StoreError, toStoreError } from './store-errors.ts';
import type { StoreFs } from './store-fs.ts';

// Further from the reserve than this, a figure a few seconds old is good enough.
const FAR = 256 * 1024 * 1024;
const FRESH_MS = 2000;

/** Keeps the last `reserve` bytes of the disk free, so that the index and the log still work when receiving has stopped. */
export class FreeSpace {
  readonly #fs: StoreFs;
  readonly #path: string;
  readonly #reserve: number;
  readonly #now: () => number;
  #free = -1;
  #at = 0;

  /** @param now monotonic milliseconds */
  constructor(fs: StoreFs, path: string, reserve: number, now: () => number) {
    this.#fs = fs;
    this.#path = path;
    this.#reserve = reserve;
    this.#now = now;
  }

  /** Bytes that an unprivileged process may still use, asked of the disk. */
  async freeBytes(): Promise<number> {
    const disk = await this.#fs.statfs(this.#path).catch((error: unknown) => {
      throw toStoreError(error, 'statfs');
    });
    this.#free = disk.freeBytes;
    this.#at = this.#now();
    return this.#free;
  }

  /** True when `bytes` more certainly fit, without asking the disk; they are counted as used. */
  takeQuickly(bytes: number): boolean {
    if (this.#free - bytes < this.#reserve + FAR || this.#now() - this.#at > FRESH_MS) return false;
    this.#free -= bytes;
    return true;
  }

  /** @throws StoreError STORE_RESERVE when less than the reserve would be left after `bytes` more */
  async take(bytes: number): Promise<void> {
    if (this.takeQuickly(bytes)) return;
    const free = await this.freeBytes();
    if (free - bytes < this.#reserve) {
      throw new StoreError(
        'STORE_RESERVE',
        `The disk has ${free} bytes left, ${this.#reserve} are kept in reserve: free or add space, nothing else is needed.`,
        { free, reserve: this.#reserve, bytes },
      );
    }
    this.#free -= bytes;
  }
}
