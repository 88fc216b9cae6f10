import { errorCode } from '../core/errors.ts';
import { FAN_OUT } from './object-path.ts';
import type { ObjectPath } from './object-path.ts';
import { SyncFailedError, toStoreError, toSyncError } from './store-errors.ts';
import { OPEN } from './store-fs.ts';
import type { StoreFs } from './store-fs.ts';

/**
 * The two levels of directories below `objects/`. The upper 256 exist from the first start; the lower ones are made when the first
 * object needs them. Whoever puts an object into one waits until the directory's own entry is on the disk, whoever made it: that it can
 * be seen does not say so. Asked once for each directory, it takes one sync for all of them below one of the 256.
 */
export class Directories {
  readonly #fs: StoreFs;
  readonly #objects: string;
  readonly #durable = new Set<string>();
  /** Being made, and their entries being synced. Set before mkdir is called. */
  readonly #creations = new Map<string, { readonly exists: Promise<void>; readonly durable: Promise<void> }>();
  /** Syncs of upper directories under way. */
  readonly #syncs = new Map<string, Promise<void>>();
  #failure: SyncFailedError | undefined;

  constructor(fs: StoreFs, objects: string) {
    this.#fs = fs;
    this.#objects = objects;
  }

  /** Makes the upper level, durably. @throws StoreError, SyncFailedError */
  async open(): Promise<void> {
    try {
      await makeIfMissing(this.#fs, this.#objects);
      const present = new Set(await this.#fs.readdir(this.#objects));
      for (const name of FAN_OUT) {
        if (!present.has(name)) await makeIfMissing(this.#fs, `${this.#objects}/${name}`);
      }
    } catch (error) {
      throw toStoreError(error, 'mkdir');
    }
    await syncDirectory(this.#fs, this.#objects);
    await syncDirectory(this.#fs, `${this.#objects}/..`);
  }

  /** Makes the directory of an object. Resolves when it exists; `durable` tells when it is on the disk. */
  make(path: ObjectPath): Promise<void> {
    const running = this.#creations.get(path.directory);
    if (running !== undefined) return running.exists;
    // It was known once, and somebody has removed it since.
    this.#durable.delete(path.directory);
    const durable = Promise.withResolvers<void>();
    const exists = this.#make(path, durable);
    this.#creations.set(path.directory, { exists, durable: durable.promise });
    const settled = (): void => void this.#creations.delete(path.directory);
    durable.promise.then(() => {
      this.#durable.add(path.directory);
      settled();
    }, settled);
    exists.catch(settled);
    return exists;
  }

  /** Settles when the entry of a directory that exists is on the disk; undefined when it is known to be. Rejects with StoreError, SyncFailedError. */
  durable(directory: string): Promise<void> | undefined {
    // The kernel tells of a failure once: no later sync of the same directory means anything.
    if (this.#failure !== undefined) return Promise.reject(this.#failure);
    if (this.#durable.has(directory)) return undefined;
    return this.#creations.get(directory)?.durable ?? this.#makeDurable(directory);
  }

  async #makeDurable(directory: string): Promise<void> {
    const top = directory.slice(0, directory.lastIndexOf('/'));
    // One that is under way may have begun before the directory was made.
    await this.#syncs.get(top);
    if (this.#durable.has(directory)) return;
    let sync = this.#syncs.get(top);
    if (sync === undefined) {
      sync = this.#syncTop(top).finally(() => this.#syncs.delete(top));
      this.#syncs.set(top, sync);
    }
    await sync;
  }

  /** Everything that exists when it begins is durable when it ends. */
  async #syncTop(top: string): Promise<void> {
    const names = await this.#fs.readdir(top).catch((error: unknown) => {
      throw toStoreError(error, 'readdir');
    });
    await syncDirectory(this.#fs, top).catch((error: unknown) => {
      throw this.#noted(error);
    });
    for (const name of names) this.#durable.add(`${top}/${name}`);
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
    void this.#syncMade(parent, durable);
  }

  async #syncMade(parent: number, durable: PromiseWithResolvers<void>): Promise<void> {
    await this.#fs
      .fsync(parent)
      .then(durable.resolve, (error: unknown) => durable.reject(this.#noted(toSyncError(error, 'directory'))));
    await this.#fs.close(parent).catch(() => undefined);
  }

  #noted<E>(error: E): E {
    if (error instanceof SyncFailedError) this.#failure ??= error;
    return error;
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
      if (missing.length > 0) await this.#syncTop(`${this.#objects}/${top}`);
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

/** The root's own entry. Its parent may be another user's and unreadable; then whoever made the root answers for it. */
export async function syncParent(fs: StoreFs, root: string): Promise<void> {
  await syncDirectory(fs, `${root}/..`).catch((error: unknown) => {
    if (error instanceof SyncFailedError) throw error;
  });
}
