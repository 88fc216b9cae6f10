import { errorCode } from '../core/errors.ts';
import { FAN_OUT } from './object-path.ts';
import type { ObjectPath } from './object-path.ts';
import { toStoreError, toSyncError } from './store-errors.ts';
import { OPEN } from './store-fs.ts';
import type { StoreFs } from './store-fs.ts';

interface Creation {
  readonly exists: Promise<void>;
  readonly durable: Promise<void>;
}

/**
 * The two levels of directories below `objects/`. The upper 256 exist from the first start; the lower ones are made when the first
 * object needs them, and whoever puts an object into one waits until the new directory itself is on the disk.
 */
export class Directories {
  readonly #fs: StoreFs;
  readonly #objects: string;
  // Set before mkdir is called: nobody can find a directory there and miss that its own entry is not durable yet.
  readonly #creations = new Map<string, Creation>();

  constructor(fs: StoreFs, objects: string) {
    this.#fs = fs;
    this.#objects = objects;
  }

  /**
   * Makes the upper level. After a crash, makes every entry durable that it may have left unsynced.
   * @throws StoreError, SyncFailedError
   */
  async open(afterCrash: boolean): Promise<void> {
    try {
      await makeIfMissing(this.#fs, this.#objects);
      const present = new Set(await this.#fs.readdir(this.#objects));
      for (const name of FAN_OUT) {
        if (!present.has(name)) await makeIfMissing(this.#fs, `${this.#objects}/${name}`);
      }
    } catch (error) {
      throw toStoreError(error, 'mkdir');
    }
    if (afterCrash) await Promise.all(FAN_OUT.map((name) => syncDirectory(this.#fs, `${this.#objects}/${name}`)));
    await syncDirectory(this.#fs, this.#objects);
    await syncDirectory(this.#fs, `${this.#objects}/..`);
  }

  /** Makes the directory of an object. Resolves when it exists; `durable` tells when it is on the disk. */
  make(path: ObjectPath): Promise<void> {
    const running = this.#creations.get(path.directory);
    if (running !== undefined) return running.exists;
    const durable = Promise.withResolvers<void>();
    const exists = this.#make(path, durable);
    this.#creations.set(path.directory, { exists, durable: durable.promise });
    // Kept after a failed sync: the error is fatal, and nobody may take the directory for durable.
    durable.promise.then(
      () => this.#creations.delete(path.directory),
      () => undefined,
    );
    exists.catch(() => this.#creations.delete(path.directory));
    return exists;
  }

  /** Settles when the directory's own entry is on the disk; undefined when it has been for long. */
  durable(directory: string): Promise<void> | undefined {
    return this.#creations.get(directory)?.durable;
  }

  async #make(path: ObjectPath, durable: PromiseWithResolvers<void>): Promise<void> {
    // Opened first: after mkdir nothing but the sync itself can fail.
    const parent = await this.#fs.open(path.top, OPEN.directory);
    try {
      await makeIfMissing(this.#fs, path.directory);
    } catch (error) {
      await this.#fs.close(parent).catch(() => undefined);
      throw error;
    }
    void this.#syncParent(parent, durable);
  }

  async #syncParent(parent: number, durable: PromiseWithResolvers<void>): Promise<void> {
    await this.#fs
      .fsync(parent)
      .then(durable.resolve, (error: unknown) => durable.reject(toSyncError(error, 'directory')));
    await this.#fs.close(parent).catch(() => undefined);
  }

  /**
   * Makes all 65 536 directories ahead (about 256 MB of disk on ext4), so that a young archive is as fast as a grown one:
   * without it nearly each of the first objects has to make one. Stops early when `signal` fires. Returns how many were made.
   */
  async prepare(signal: AbortSignal): Promise<number> {
    let made = 0;
    for (const top of FAN_OUT) {
      if (signal.aborted) break;
      const present = new Set(await this.#fs.readdir(`${this.#objects}/${top}`));
      const missing = FAN_OUT.filter((name) => !present.has(name));
      for (const name of missing) await makeIfMissing(this.#fs, `${this.#objects}/${top}/${name}`);
      if (missing.length > 0) await syncDirectory(this.#fs, `${this.#objects}/${top}`);
      made += missing.length;
    }
    return made;
  }
}

/** Creates a directory unless it is there. */
export async function makeIfMissing(fs: StoreFs, path: string): Promise<void> {
  try {
    await fs.mkdir(path);
  } catch (error) {
    if (errorCode(error) !== 'EEXIST') throw error;
  }
}

/** Makes the entries of a directory durable. @throws StoreError when it cannot be opened, SyncFailedError */
export async function syncDirectory(fs: StoreFs, path: string): Promise<void> {
  const fd = await fs.open(path, OPEN.directory).catch((error: unknown) => {
    throw toStoreError(error, 'open');
  });
  try {
    await fs.fsync(fd);
  } catch (error) {
    throw toSyncError(error, 'directory');
  } finally {
    await fs.close(fd).catch(() => undefined);
  }
}
