import { constants } from 'node:fs';
import { access, open, unlink } from 'node:fs/promises';
import type { StoragePaths } from '../config/storage-paths.ts';
import { Directories, syncDirectory } from '../store/directories.ts';
import { checkFile } from '../store/object-hash.ts';
import { objectPath } from '../store/object-path.ts';
import { toStoreError, toSyncError } from '../store/store-errors.ts';
import type { StoreError } from '../store/store-errors.ts';
import { nodeStoreFs } from '../store/store-fs.ts';
import { filesSince } from '../store/tree-walk.ts';
import type { TreeFile, Unreadable } from '../store/tree-walk.ts';

/** The object tree for reading alone: unlike an open store it touches neither spool nor marks, so it may run beside a node. */
export class StoredObjects {
  readonly #objects: string;
  readonly #directories: Directories;
  readonly #synced = new Map<string, Promise<void>>();

  constructor(paths: Pick<StoragePaths, 'objects'>) {
    this.#objects = paths.objects;
    this.#directories = new Directories(nodeStoreFs, paths.objects);
  }

  pathOf(sha256: string): string {
    return objectPath(this.#objects, sha256).file;
  }

  /** Opens an object; whoever opened it closes it. */
  async open(sha256: string): Promise<{ fd: number; size: number; mtimeMs: number; close(): Promise<void> }> {
    const file = await open(this.pathOf(sha256), 'r');
    const { size, mtimeMs } = await file.stat();
    return { fd: file.fd, size, mtimeMs, close: () => file.close() };
  }

  /** Reads a whole object. @returns what is wrong with it, undefined when nothing is @throws StoreError when it cannot be read */
  verify(
    sha256: string,
    size: number,
    onBytes: (bytes: number) => void,
    signal: AbortSignal,
  ): Promise<StoreError | undefined> {
    return checkFile(nodeStoreFs, this.pathOf(sha256), { sha256, size }, onBytes, signal);
  }

  /**
   * Verifies an object and makes it durable, whatever wrote it. Meant for a tree that nobody adds to: a directory is synced once.
   * @returns as `verify` @throws StoreError, SyncFailedError
   */
  async confirm(sha256: string, size: number): Promise<StoreError | undefined> {
    const { file, directory } = objectPath(this.#objects, sha256);
    const fault = await checkFile(nodeStoreFs, file, { sha256, size });
    if (fault !== undefined) return fault;
    const object = await open(file, 'r').catch((error: unknown) => {
      throw toStoreError(error, 'open');
    });
    try {
      await object.datasync();
    } catch (error) {
      throw toSyncError(error, 'file');
    } finally {
      await object.close();
    }
    let synced = this.#synced.get(directory);
    if (synced === undefined) this.#synced.set(directory, (synced = syncDirectory(nodeStoreFs, directory)));
    await Promise.all([synced, this.#directories.durable(directory)]);
    return undefined;
  }

  /** False when there is none. @throws StoreError */
  async remove(sha256: string): Promise<boolean> {
    try {
      await unlink(this.pathOf(sha256));
      return true;
    } catch (error) {
      const failure = toStoreError(error, 'unlink');
      if (failure.code === 'OBJECT_MISSING') return false;
      throw failure;
    }
  }

  /** Every file of the tree, a batch a directory; nothing when there is no tree yet. */
  async *files(unreadable: Unreadable): AsyncGenerator<TreeFile[]> {
    const exists = await access(this.#objects, constants.R_OK).then(
      () => true,
      () => false,
    );
    if (exists) yield* filesSince(nodeStoreFs, this.#objects, 0, unreadable);
  }
}
