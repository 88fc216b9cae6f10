import { errorCode } from '../core/errors.ts';
import { writeSpool } from './content.ts';
import type { Content } from './content.ts';
import type { Directories } from './directories.ts';
import { checkFile } from './object-hash.ts';
import { objectPath } from './object-path.ts';
import type { ObjectPath } from './object-path.ts';
import { PublicationRegistry } from './publication-registry.ts';
import { StoreError, SyncFailedError, toStoreError, toSyncError } from './store-errors.ts';
import { OPEN } from './store-fs.ts';
import type { StoreFs } from './store-fs.ts';

/** An object that has its final name. */
export interface Sealed {
  readonly sha256: string;
  /** Bytes of the file. */
  readonly size: number;
  /** The same bytes were kept before, or are being kept by another reception. */
  readonly existed: boolean;
  /** Resolves when fdatasync(file) and fsync(directory) have returned. Rejects with SyncFailedError, which is fatal. */
  readonly durable: Promise<void>;
  /** Lets go of descriptors and the spool entry, when `durable` has settled. */
  close(): Promise<void>;
  /**
   * Nobody waits for a row of the index any more: the store's mark need not either. Closes. The file stays even when the index took no
   * row: another process may just have found it and acknowledged it. A re-send finds it whole, recovery indexes it.
   */
  done(): Promise<void>;
}

/** What became of a file that was to go; `arriving`: somebody is keeping the same bytes. */
export type Removal = 'removed' | 'missing' | 'named' | 'arriving';

export interface PublicationOptions {
  readonly fs: StoreFs;
  readonly objects: string;
  /** Start of the path of every spool file of this process. */
  readonly spool: string;
  readonly directories: Directories;
  readonly onFatal: (error: SyncFailedError) => void;
  readonly onSync: (target: 'file' | 'directory', ms: number) => void;
  /** Monotonic milliseconds. */
  readonly now: () => number;
  /** Milliseconds since 1970. */
  readonly clock: () => number;
}

interface Placed {
  readonly fd: number;
  /** The descriptor is the spool content's own, closed with it. A released one's number may come back for another file. */
  readonly ofContent: boolean;
  readonly directoryFd: number;
  readonly existed: boolean;
}

const NOTHING = (): Promise<void> => Promise.resolve();

/**
 * Gives objects their final names and makes them durable. Content held in memory is written straight to the final name
 * (`O_CREAT | O_EXCL`), a spool file gets it with `link()`: neither can replace what is there. A name that exists proves nothing,
 * since a crash may have left it torn, or an import beside the node is writing it: what is there is hashed again, synced again, and
 * replaced when it is not whole. Two receptions of the same bytes share one file through `#registry`, and a removal waits for neither: it
 * leaves alone what anybody is keeping.
 */
export class Publications {
  readonly #o: PublicationOptions;
  readonly #registry = new PublicationRegistry();
  #replacements = 0;
  #failed = false;

  constructor(options: PublicationOptions) {
    this.#o = options;
  }

  /** A sync failed somewhere: nothing more is published or removed. */
  stop(): void {
    this.#failed = true;
  }

  /** When the oldest publication that has not ended began, in milliseconds since 1970; undefined when there is none. */
  oldest(): number | undefined {
    return this.#registry.oldest();
  }

  /** Takes over the content. @throws StoreError; then nothing is left behind */
  async publish(sha256: string, size: number, content: Content): Promise<Sealed> {
    for (;;) {
      if (this.#failed) {
        await content.release();
        this.#refuseAfterFailure();
      }
      const twin = this.#registry.join(sha256);
      if (twin === undefined) return this.#first(sha256, size, content);
      if (await twin.entry.settled) {
        await content.release();
        // The row of this one may come after the first one's: until then nobody removes the file.
        const done = async (): Promise<void> => twin.release();
        return { sha256, size, existed: true, durable: Promise.resolve(), close: NOTHING, done };
      }
    }
  }

  /**
   * Removes the file of bytes that no row names any more. Whoever sends the same bytes meanwhile waits and then keeps them anew; bytes
   * that somebody is keeping, whose row may be about to come, stay. `isNamed` asks the index, and no other process adds objects.
   * @throws system errors
   */
  async remove(sha256: string, isNamed: () => Promise<boolean>): Promise<Removal> {
    this.#refuseAfterFailure();
    const twin = this.#registry.join(sha256);
    if (twin !== undefined) {
      twin.release();
      return 'arriving';
    }
    const removal = this.#registry.begin(sha256, this.#o.clock());
    try {
      // Asked only now: a row that a reception wrote is there before its entry goes.
      if (await isNamed()) return 'named';
      await this.#o.fs.unlink(objectPath(this.#o.objects, sha256).file);
      return 'removed';
    } catch (error) {
      if (errorCode(error) !== 'ENOENT') throw error;
      return 'missing';
    } finally {
      removal.settle(false);
    }
  }

  #refuseAfterFailure(): void {
    if (!this.#failed) return;
    throw new StoreError(
      'STORE_STOPPED',
      'The object store has stopped after a failed sync: the node must be restarted',
    );
  }

  async #first(sha256: string, size: number, content: Content): Promise<Sealed> {
    const { release, settle } = this.#registry.begin(sha256, this.#o.clock());
    const path = objectPath(this.#o.objects, sha256);
    let placed: Placed;
    try {
      placed = await this.#place(path, size, content);
    } catch (error) {
      await content.release();
      settle(false);
      throw this.#reported(toStoreError(error, 'publish'));
    }
    if (content.kind === 'memory') await content.release();
    const durable = this.#sync(placed, path);
    durable.then(
      () => settle(true),
      () => settle(false),
    );
    let closed: Promise<void> | undefined;
    const close = (): Promise<void> =>
      (closed ??= Promise.all([
        placed.ofContent ? content.release() : this.#close(placed.fd),
        this.#close(placed.directoryFd),
      ]).then(() => undefined));
    const done = (): Promise<void> => {
      release();
      return close();
    };
    return { sha256, size, existed: placed.existed, durable, close, done };
  }

  async #place(path: ObjectPath, size: number, content: Content): Promise<Placed> {
    const { fs } = this.#o;
    const fd = await this.#claimName(path, content);
    if (fd === undefined) return this.#placeOverExisting(path, size, content);
    const [written, directory] = await Promise.allSettled([
      content.kind === 'memory' ? fs.writeAll(fd, content.chunks, 0) : undefined,
      fs.open(path.directory, OPEN.directory),
    ]);
    if (written.status === 'fulfilled' && directory.status === 'fulfilled')
      return { fd, ofContent: content.kind === 'spool', directoryFd: directory.value, existed: false };
    await this.#unlinkOwn(fd, path.file);
    if (content.kind === 'memory') await this.#close(fd);
    if (directory.status === 'fulfilled') await this.#close(directory.value);
    throw (written.status === 'rejected' ? written : (directory as PromiseRejectedResult)).reason;
  }

  // Another process may have found our half-written file and put its own whole one in its place.
  async #unlinkOwn(fd: number, file: string): Promise<void> {
    const { fs } = this.#o;
    try {
      const [own, named] = await Promise.all([fs.fstat(fd), fs.lstat(file)]);
      if (own.ino === named.ino) await fs.unlink(file);
    } catch {
      // Recovery removes it.
    }
  }

  /** The descriptor of a name that is now ours; undefined when the name exists. */
  async #claimName(path: ObjectPath, content: Content): Promise<number | undefined> {
    const { fs } = this.#o;
    for (let attempt = 0; ; attempt += 1) {
      try {
        if (content.kind === 'memory') return await fs.open(path.file, OPEN.create);
        await fs.link(content.path, path.file);
        return content.fd;
      } catch (error) {
        const code = errorCode(error);
        if (code === 'EEXIST') return undefined;
        if (code !== 'ENOENT' || attempt > 0) throw error;
        await this.#o.directories.make(path);
      }
    }
  }

  async #placeOverExisting(path: ObjectPath, size: number, content: Content): Promise<Placed> {
    const { fs } = this.#o;
    if ((await checkFile(fs, path.file, { sha256: path.sha256, size })) !== undefined)
      await this.#replace(path, content);
    else await content.release();
    const fd = await fs.open(path.file, OPEN.read);
    try {
      return { fd, ofContent: false, directoryFd: await fs.open(path.directory, OPEN.directory), existed: true };
    } catch (error) {
      await this.#close(fd);
      throw error;
    }
  }

  // Only ever over a file that has been read and found torn. The new bytes are durable before the name moves to them.
  async #replace(path: ObjectPath, content: Content): Promise<void> {
    const { fs, spool } = this.#o;
    this.#replacements += 1;
    const whole =
      content.kind === 'spool'
        ? content
        : await writeSpool(fs, `${spool}replace-${this.#replacements}`, content.chunks);
    try {
      await this.#timed('file', fs.fdatasync(whole.fd));
      await fs.rename(whole.path, path.file);
    } finally {
      await whole.release();
    }
  }

  async #sync(placed: Placed, path: ObjectPath): Promise<void> {
    const { fs, directories } = this.#o;
    try {
      await Promise.all([
        this.#timed('file', fs.fdatasync(placed.fd)),
        this.#timed('directory', fs.fsync(placed.directoryFd)),
        directories.durable(path.directory),
      ]);
      // Another object's sync failed meanwhile: what the disk said about this one is no longer to be trusted.
      this.#refuseAfterFailure();
    } catch (error) {
      throw this.#reported(error);
    }
  }

  async #timed(target: 'file' | 'directory', sync: Promise<void>): Promise<void> {
    const start = this.#o.now();
    try {
      await sync;
    } catch (error) {
      throw toSyncError(error, target);
    }
    this.#o.onSync(target, this.#o.now() - start);
  }

  #reported<E>(error: E): E {
    if (error instanceof SyncFailedError) this.#o.onFatal(error);
    return error;
  }

  async #close(fd: number): Promise<void> {
    await this.#o.fs.close(fd).catch(() => undefined);
  }
}
