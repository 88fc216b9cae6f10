import { createHash, randomBytes } from 'node:crypto';
import { errorCode } from '../core/errors.ts';
import { writeSpool } from './content.ts';
import type { SpoolContent } from './content.ts';
import { makeIfMissing, syncDirectory, syncParent } from './directories.ts';
import { checkFile } from './object-hash.ts';
import { objectPath } from './object-path.ts';
import type { ObjectPath } from './object-path.ts';
import { StoreError, toStoreError, toSyncError } from './store-errors.ts';
import { nodeStoreFs, OPEN } from './store-fs.ts';
import type { StoreFs } from './store-fs.ts';
import { filesSince } from './tree-walk.ts';
import type { TreeFile } from './tree-walk.ts';

// What a crash left; a document takes a moment, so that nobody can still be writing one that old.
const LEFT_BEHIND_MS = 3_600_000;

/**
 * Care documents as they came: `documents/ab/cd/<sha256>.xml`, so that `sha256sum` alone can verify them. Small and seldom: each is written, synced,
 * linked and its directory synced, one after the other, and only then registered. A crash leaves at most a file that no row names. Any
 * number of processes may use one tree.
 */
export class DocumentStore {
  readonly #fs: StoreFs;
  readonly #root: string;
  /** Directories whose own entries are on the disk. */
  readonly #durable = new Set<string>();
  readonly #temporary: string;
  #serial = 0;

  private constructor(fs: StoreFs, root: string) {
    this.#fs = fs;
    this.#root = root;
    this.#temporary = `${root}/tmp/${process.pid}-${randomBytes(4).toString('hex')}-`;
  }

  /** Makes the folders. `root` is `documents/` of the storage. @throws StoreError */
  static async open(root: string, fs: StoreFs = nodeStoreFs, now: number = Date.now()): Promise<DocumentStore> {
    const store = new DocumentStore(fs, root);
    try {
      await makeIfMissing(fs, root.slice(0, root.lastIndexOf('/')));
      await makeIfMissing(fs, root);
      await makeIfMissing(fs, `${root}/tmp`);
      await store.#removeLeft(now);
    } catch (error) {
      throw toStoreError(error, 'open');
    }
    await syncDirectory(fs, root);
    await syncParent(fs, root);
    await syncParent(fs, `${root}/..`);
    return store;
  }

  /** For reading alone: makes no folder. */
  static reading(root: string, fs: StoreFs = nodeStoreFs): Pick<DocumentStore, 'read' | 'verify' | 'files'> {
    return new DocumentStore(fs, root);
  }

  /**
   * Keeps the bytes; on the disk when this resolves. `existed`: they were there, whole.
   * @throws StoreError, SyncFailedError: the disk can no longer be trusted
   */
  async keep(bytes: Buffer): Promise<{ readonly sha256: string; readonly existed: boolean }> {
    const sha256 = createHash('sha256').update(bytes).digest('hex');
    const path = objectPath(this.#root, sha256, 'xml');
    const expected = { sha256, size: bytes.length };
    try {
      const existed = (await checkFile(this.#fs, path.file, expected)) === undefined;
      if (existed) await this.#syncFile(path.file);
      else await this.#publish(path, bytes);
      await this.#syncTree(path);
      return { sha256, existed };
    } catch (error) {
      throw toStoreError(error, 'keep');
    }
  }

  /** The whole document, its hash checked. @throws StoreError OBJECT_MISSING, OBJECT_CORRUPT and others */
  async read(sha256: string): Promise<Buffer> {
    try {
      const fd = await this.#fs.open(objectPath(this.#root, sha256, 'xml').file, OPEN.read);
      try {
        const { size } = await this.#fs.fstat(fd);
        const bytes = Buffer.alloc(size);
        for (let done = 0; done < size;) {
          const count = await this.#fs.read(fd, bytes.subarray(done), done);
          if (count === 0) break;
          done += count;
        }
        if (createHash('sha256').update(bytes).digest('hex') === sha256) return bytes;
        throw new StoreError('OBJECT_CORRUPT', 'The file of a document is not what was kept', { sha256 });
      } finally {
        await this.#fs.close(fd).catch(() => undefined);
      }
    } catch (error) {
      throw toStoreError(error, 'read');
    }
  }

  /** Reads the whole document. @returns undefined when whole, else OBJECT_MISSING or OBJECT_CORRUPT @throws StoreError when unreadable */
  verify(sha256: string, size: number): Promise<StoreError | undefined> {
    return checkFile(this.#fs, objectPath(this.#root, sha256, 'xml').file, { sha256, size });
  }

  /** Every file of the tree, a batch a directory; nothing when there is no tree yet. */
  async *files(): AsyncGenerator<TreeFile[]> {
    const exists = await this.#fs.lstat(this.#root).then(
      () => true,
      () => false,
    );
    // A directory that no document has needed is not there.
    const fail = (_: string, error: StoreError): void => {
      if (error.code !== 'OBJECT_MISSING') throw error;
    };
    if (exists) yield* filesSince(this.#fs, this.#root, 0, fail, 'xml');
  }

  async #publish(path: ObjectPath, bytes: Buffer): Promise<void> {
    this.#serial += 1;
    const spool = await writeSpool(this.#fs, `${this.#temporary}${this.#serial}`, [bytes]);
    try {
      await this.#fs.fdatasync(spool.fd).catch((error: unknown) => {
        throw toSyncError(error, 'file');
      });
      await this.#giveName(spool, path, bytes.length);
    } finally {
      await spool.release();
    }
  }

  // A link never replaces what is there; what is there is replaced only when it has been read and found torn.
  async #giveName(spool: SpoolContent, path: ObjectPath, size: number): Promise<void> {
    for (let attempt = 0; ; attempt += 1) {
      try {
        await this.#fs.link(spool.path, path.file);
        return;
      } catch (error) {
        const code = errorCode(error);
        if (code === 'ENOENT' && attempt === 0) await this.#makeDirectories(path);
        else if (code !== 'EEXIST') throw error;
        else {
          await this.#settleExisting(spool, path, size);
          return;
        }
      }
    }
  }

  // Few documents come beside the objects: directories are made when the first document needs them.
  async #makeDirectories({ top, directory }: ObjectPath): Promise<void> {
    this.#durable.delete(directory);
    await makeIfMissing(this.#fs, top);
    await makeIfMissing(this.#fs, directory);
  }

  /** The file's entry, and once for each directory the entries that lead to it, whoever made them. */
  async #syncTree({ top, directory }: ObjectPath): Promise<void> {
    await syncDirectory(this.#fs, directory);
    if (this.#durable.has(directory)) return;
    await syncDirectory(this.#fs, top);
    await syncDirectory(this.#fs, this.#root);
    this.#durable.add(directory);
  }

  async #settleExisting(spool: SpoolContent, path: ObjectPath, size: number): Promise<void> {
    const fault = await checkFile(this.#fs, path.file, { sha256: path.sha256, size });
    if (fault === undefined) await this.#syncFile(path.file);
    else await this.#fs.rename(spool.path, path.file);
  }

  async #syncFile(file: string): Promise<void> {
    const fd = await this.#fs.open(file, OPEN.read);
    try {
      await this.#fs.fdatasync(fd);
    } catch (error) {
      throw toSyncError(error, 'file');
    } finally {
      await this.#fs.close(fd).catch(() => undefined);
    }
  }

  async #removeLeft(now: number): Promise<void> {
    for (const name of await this.#fs.readdir(`${this.#root}/tmp`)) {
      const path = `${this.#root}/tmp/${name}`;
      try {
        if ((await this.#fs.lstat(path)).mtimeMs < now - LEFT_BEHIND_MS) await this.#fs.unlink(path);
      } catch (error) {
        if (errorCode(error) !== 'ENOENT') throw error;
      }
    }
  }
}
