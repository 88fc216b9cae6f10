import type { BlockPool } from './block-pool.ts';
import type { BlockQueue } from './block-queue.ts';
import type { StreamDigest } from './digest/stream-digests.ts';
import type { FreeSpace } from './free-space.ts';
import { toSyncError } from './store-errors.ts';
import { OPEN } from './store-fs.ts';
import type { StoreFs } from './store-fs.ts';

// One writev: large enough that the call costs little, small enough that a reception gets its memory back soon.
const BATCH = 512 * 1024;
// A large object is pushed to the disk on the way, so that the last sync is short and dirty pages stay few.
const SYNC_EVERY = 32 * 1024 * 1024;

/** The file below `spool/` that an object larger than memory allows is written to until its hash is known. */
export class SpoolFile {
  readonly path: string;
  readonly #fs: StoreFs;
  readonly #space: FreeSpace;
  readonly #pool: BlockPool;
  readonly #digest: StreamDigest;
  #fd = -1;
  #size = 0;
  #unsynced = 0;
  #syncing: Promise<void> | undefined;

  constructor(fs: StoreFs, space: FreeSpace, pool: BlockPool, digest: StreamDigest, path: string) {
    this.#fs = fs;
    this.#space = space;
    this.#pool = pool;
    this.#digest = digest;
    this.path = path;
  }

  /** The open descriptor; -1 before the first write and once it has been given away or closed. */
  get fd(): number {
    return this.#fd;
  }

  /** Writes the front of the queue, of which nothing more comes `atEnd`. Returns the bytes written. Never called again before it has settled. */
  async append(queue: BlockQueue, atEnd: boolean): Promise<number> {
    const chunks = queue.take(BATCH, atEnd);
    const bytes = chunks.reduce((sum, chunk) => sum + chunk.length, 0);
    const [written, hashed] = await Promise.allSettled([this.#write(chunks, bytes), this.#digest.add(chunks)]);
    this.#pool.give(chunks);
    if (written.status === 'rejected') throw written.reason;
    if (hashed.status === 'rejected') throw hashed.reason;
    this.#size += bytes;
    this.#unsynced += bytes;
    if (this.#unsynced >= SYNC_EVERY) await this.#startSync();
    return bytes;
  }

  /** SHA-256 in hex and descriptor, once no sync is under way; the caller closes it. @throws StoreError */
  async giveAway(): Promise<{ sha256: string; fd: number }> {
    await this.#syncing;
    const sha256 = await this.#digest.tell();
    const fd = this.#fd;
    this.#fd = -1;
    return { sha256, fd };
  }

  /** Closes and removes the file. Errors are ignored: recovery empties the spool. */
  async discard(): Promise<void> {
    this.#digest.forget();
    await this.#syncing?.catch(() => undefined);
    const fd = this.#fd;
    this.#fd = -1;
    if (fd < 0) return;
    await this.#fs.close(fd).catch(() => undefined);
    await this.#fs.unlink(this.path).catch(() => undefined);
  }

  async #write(chunks: readonly Buffer[], bytes: number): Promise<void> {
    if (!this.#space.takeQuickly(bytes)) await this.#space.take(bytes);
    if (this.#fd < 0) this.#fd = await this.#fs.open(this.path, OPEN.create);
    await this.#fs.writeAll(this.#fd, chunks, this.#size);
  }

  // One sync runs beside the writes; the next one waits for it, which bounds the dirty pages.
  async #startSync(): Promise<void> {
    await this.#syncing;
    this.#unsynced = 0;
    const syncing = this.#fs.fdatasync(this.#fd).catch((error: unknown) => {
      throw toSyncError(error, 'file');
    });
    syncing.catch(() => undefined);
    this.#syncing = syncing;
  }
}
