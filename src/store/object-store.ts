import { randomBytes } from 'node:crypto';
import { StreamDigests } from './digest/stream-digests.ts';
import { Directories, makeIfMissing, syncDirectory, syncParent } from './directories.ts';
import { FreeSpace } from './free-space.ts';
import { MEMORY_LIMITS, MemoryBudget } from './memory-budget.ts';
import type { MemoryLimits } from './memory-budget.ts';
import { checkFile } from './object-hash.ts';
import { objectPath } from './object-path.ts';
import { openObject } from './open-object.ts';
import type { OpenObject } from './open-object.ts';
import { Publications } from './publications.ts';
import type { Removal } from './publications.ts';
import { Quarantine } from './quarantine.ts';
import type { QuarantineReason } from './quarantine.ts';
import type { BlockFile } from './reading/file-blocks.ts';
import { ObjectReader } from './reading/object-reader.ts';
import type { WholeFile } from './reading/object-reader.ts';
import { Reception } from './reception.ts';
import { moveToQuarantine } from './set-aside.ts';
import { SyncFailedError, toStoreError, toSyncError } from './store-errors.ts';
import type { StoreError } from './store-errors.ts';
import { nodeStoreFs } from './store-fs.ts';
import type { StoreFs } from './store-fs.ts';
import { filesSince } from './tree-walk.ts';
import type { TreeFile, Unreadable } from './tree-walk.ts';
import { UncleanMark } from './unclean-mark.ts';

export interface ObjectStoreOptions {
  /** Folder that holds `objects/`, `spool/` and `quarantine/`, all on one file system. */
  readonly root: string;
  /**
   * `node`: owns the store, recovers it, sets and removes the mark of a store in use. `import`: adds objects beside a node or without
   * one, under a mark of its own.
   */
  readonly role: 'node' | 'import';
  /** Bytes of the disk that receiving leaves free. */
  readonly reserveBytes: number;
  /** A sync failed: stop acknowledging and end. Called once. */
  readonly onFatal: (error: SyncFailedError) => void;
  /** Each successful sync, for metrics. */
  readonly onSync?: (target: 'file' | 'directory', ms: number) => void;
  readonly limits?: MemoryLimits;
  readonly fs?: StoreFs;
  /** Milliseconds since 1970. */
  readonly clock?: () => number;
}

// How often the mark follows the publications: recovery looks at what is younger than the mark.
const MARK_EVERY_MS = 10_000;

/** The hashed object tree: receives, publishes, reads, verifies and removes objects. `recover` (src/recovery.ts) comes first. */
export class ObjectStore {
  readonly quarantine: Quarantine;
  /** Since when (ms) a crash may have left strays; undefined after an orderly stop. */
  readonly strayableSince: number | undefined;
  readonly #o: ObjectStoreOptions;
  readonly #fs: StoreFs;
  readonly #clock: () => number;
  readonly #objects: string;
  readonly #spool: string;
  readonly #directories: Directories;
  readonly #budget: MemoryBudget;
  readonly #digests: StreamDigests;
  readonly #space: FreeSpace;
  readonly #publications: Publications;
  readonly #mark: UncleanMark;
  readonly #reader = new ObjectReader();
  #timer: NodeJS.Timeout | undefined;
  #receptions = 0;
  #serial = 0;
  #changed = false;
  #recovered = false;
  #fatal: SyncFailedError | undefined;

  private constructor(
    o: ObjectStoreOptions,
    fs: StoreFs,
    directories: Directories,
    mark: UncleanMark,
    strayableSince: number | undefined,
  ) {
    this.#o = o;
    this.#fs = fs;
    this.#clock = o.clock ?? Date.now;
    this.#objects = `${o.root}/objects`;
    // Unlike any other process's, even one with the same number that left a file behind.
    this.#spool = `${o.root}/spool/${process.pid}-${randomBytes(4).toString('hex')}-`;
    this.#directories = directories;
    this.#mark = mark;
    this.strayableSince = strayableSince;
    this.#budget = new MemoryBudget(o.limits ?? MEMORY_LIMITS);
    this.#digests = new StreamDigests(this.#budget.pool.memory);
    const now = (): number => performance.now();
    this.#space = new FreeSpace(fs, o.root, o.reserveBytes, now);
    this.quarantine = new Quarantine({ fs, root: `${o.root}/quarantine`, spool: this.#spool, clock: this.#clock });
    this.#publications = new Publications({
      fs,
      objects: this.#objects,
      spool: this.#spool,
      directories,
      onFatal: (error) => this.#onFatal(error),
      onSync: o.onSync ?? (() => undefined),
      now,
      clock: this.#clock,
    });
  }

  /** Makes the folders and sets the mark of a store in use. @throws StoreError */
  static async open(options: ObjectStoreOptions): Promise<ObjectStore> {
    const fs = options.fs ?? nodeStoreFs;
    const directories = new Directories(fs, `${options.root}/objects`);
    try {
      for (const name of ['', '/spool', '/quarantine']) await makeIfMissing(fs, `${options.root}${name}`);
    } catch (error) {
      throw toStoreError(error, 'open');
    }
    const now = (options.clock ?? Date.now)();
    const { mark, strayableSince } = await UncleanMark.open(fs, options.root, options.role, now);
    await directories.open();
    await syncParent(fs, options.root);
    return new ObjectStore(options, fs, directories, mark, strayableSince);
  }

  /** Bytes held in memory by receptions. */
  get bufferedBytes(): number {
    return this.#budget.used;
  }

  /** Begins an object with the file meta information that its file starts with. */
  receive(fileMeta: Buffer): Reception {
    this.#serial += 1;
    this.#receptions += 1;
    this.#changed = true;
    const reception = new Reception({
      fs: this.#fs,
      spoolPath: `${this.#spool}${this.#serial}`,
      budget: this.#budget,
      digests: this.#digests,
      space: this.#space,
      publications: this.#publications,
      quarantine: this.quarantine,
      onFatal: (error) => this.#onFatal(error),
      onEnd: () => {
        this.#receptions -= 1;
      },
    });
    reception.write(fileMeta);
    return reception;
  }

  /** @throws StoreError OBJECT_MISSING and others */
  async open(sha256: string): Promise<OpenObject> {
    return openObject(this.#fs, objectPath(this.#objects, sha256).file);
  }

  /** Reads a small object whole, with its SHA-256 when `hashed`. @throws StoreError OBJECT_MISSING and others */
  async read(sha256: string, size: number, hashed: boolean): Promise<WholeFile> {
    return this.#reader.read(objectPath(this.#objects, sha256).file, size, hashed);
  }

  /** Reads a large object block by block: see `ObjectReader.stream`. @throws StoreError */
  stream(sha256: string, size: number, hashed: boolean): BlockFile {
    return this.#reader.stream(objectPath(this.#objects, sha256).file, size, hashed);
  }

  /** Size in bytes and time of last change (ms) of an object's file; undefined when there is none. */
  async stat(sha256: string): Promise<{ size: number; mtimeMs: number } | undefined> {
    try {
      const { size, mtimeMs } = await this.#fs.lstat(objectPath(this.#objects, sha256).file);
      return { size, mtimeMs };
    } catch (error) {
      const failure = toStoreError(error, 'lstat');
      if (failure.code === 'OBJECT_MISSING') return undefined;
      throw failure;
    }
  }

  /** Reads the whole object. @returns undefined when whole, else OBJECT_MISSING or OBJECT_CORRUPT @throws StoreError when unreadable */
  verify(
    sha256: string,
    size: number,
    onBytes?: (bytes: number) => void,
    signal?: AbortSignal,
  ): Promise<StoreError | undefined> {
    return checkFile(this.#fs, objectPath(this.#objects, sha256).file, { sha256, size }, onBytes, signal);
  }

  /**
   * Verifies an object and makes it durable, whatever wrote it. @returns as `verify` @throws StoreError, SyncFailedError
   */
  async confirm(sha256: string, size: number): Promise<StoreError | undefined> {
    const fault = await this.verify(sha256, size);
    if (fault !== undefined) return fault;
    const object = await this.open(sha256);
    try {
      await this.#fs.fdatasync(object.fd);
    } catch (error) {
      throw toSyncError(error, 'file');
    } finally {
      await object.close();
    }
    const { directory } = objectPath(this.#objects, sha256);
    await Promise.all([syncDirectory(this.#fs, directory), this.#directories.durable(directory)]);
    return undefined;
  }

  /** Moves a damaged object to the quarantine, durably. @returns its new path @throws StoreError */
  async setAside(sha256: string, reason: QuarantineReason): Promise<string> {
    const { file } = objectPath(this.#objects, sha256);
    this.#serial += 1;
    try {
      const spool = `${this.#spool}${this.#serial}`;
      return await moveToQuarantine(this.#fs, this.quarantine, { sha256, file, spool }, reason);
    } catch (thrown) {
      const error = toStoreError(thrown, 'set aside');
      if (error instanceof SyncFailedError) this.#onFatal(error);
      throw error;
    }
  }

  /** Removes an object unless `isNamed` finds a row of the index, or it is being received: see `Publications.remove`. @throws StoreError */
  async remove(sha256: string, isNamed: () => Promise<boolean>): Promise<Removal> {
    return this.#publications.remove(sha256, isNamed).catch((error: unknown) => {
      throw toStoreError(error, 'unlink');
    });
  }

  /** Files of the tree changed since a time in ms (0: all), a batch a directory; what could not be looked at goes to `unreadable`. */
  files(since: number, unreadable: Unreadable): AsyncGenerator<TreeFile[]> {
    return filesSince(this.#fs, this.#objects, since, unreadable);
  }

  /** Bytes that an unprivileged process may still use. */
  freeBytes(): Promise<number> {
    return this.#space.freeBytes();
  }

  /** Makes all directories of the tree ahead: see `Directories.prepare`. */
  async prepareDirectories(signal: AbortSignal): Promise<number> {
    try {
      return await this.#directories.prepare(signal);
    } catch (error) {
      const failure = toStoreError(error, 'mkdir');
      if (failure instanceof SyncFailedError) this.#onFatal(failure);
      throw failure;
    }
  }

  /** Removes what a crash left in the spool. Nobody is receiving, here or in another process. */
  async emptySpool(): Promise<void> {
    const spool = `${this.#o.root}/spool`;
    try {
      for (const name of await this.#fs.readdir(spool)) await this.#fs.unlink(`${spool}/${name}`);
    } catch (error) {
      throw toStoreError(error, 'empty spool');
    }
  }

  /** Recovery has looked at everything, no import being at work: from now on the mark follows the publications. */
  async recovered(): Promise<void> {
    this.#recovered = true;
    // Objects come from now on, and the first one may be large.
    void this.#digests.start();
    await this.#mark.forgetGuest();
    await this.advanceMark();
    this.#timer = setInterval(() => {
      if (this.#changed) this.advanceMark().catch((error: unknown) => this.#markFailed(error));
    }, MARK_EVERY_MS);
    this.#timer.unref();
  }

  /** Tells the mark that everything older than the oldest publication has ended. */
  async advanceMark(): Promise<void> {
    this.#changed = this.#receptions > 0 || this.#publications.oldest() !== undefined;
    await this.#mark.advance(Math.min(this.#publications.oldest() ?? Number.POSITIVE_INFINITY, this.#clock()));
  }

  /** Stops. `clean`: nothing is being received and everything acknowledged is indexed, so the next start need not recover. */
  async close(clean: boolean): Promise<void> {
    clearInterval(this.#timer);
    await Promise.all([this.#reader[Symbol.asyncDispose](), this.#digests[Symbol.asyncDispose]()]);
    const idle = this.#receptions === 0 && this.#publications.oldest() === undefined;
    const known = this.#recovered || this.strayableSince === undefined;
    await this.#mark.close(clean && idle && known && this.#fatal === undefined);
  }

  // A mark that stays behind only makes recovery look at more; a failed sync is a failed disk.
  #markFailed(error: unknown): void {
    if (error instanceof SyncFailedError) this.#onFatal(error);
  }

  #onFatal(error: SyncFailedError): void {
    if (this.#fatal !== undefined) return;
    this.#fatal = error;
    this.#publications.stop();
    this.#o.onFatal(error);
  }
}
