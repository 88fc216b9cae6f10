import { dirname, resolve } from 'node:path';
import { nodeStoreFs, OPEN } from '../../src/store/store-fs.ts';
import type { StoreFs } from '../../src/store/store-fs.ts';

interface Inode {
  written: number;
  /** Bytes that a completed fdatasync or fsync covers. */
  synced: number;
}

/**
 * The real file system, and beside it what would be left if the power went now, at worst: of a file only what a completed sync
 * covered, of a directory only the names that were there when a completed sync of it began.
 */
export class PowerCutFs {
  readonly #names = new Map<string, Map<string, Inode | 'directory'>>();
  readonly #durable = new Map<string, Map<string, Inode | 'directory'>>();
  readonly #open = new Map<number, { path: string; inode: Inode | undefined }>();
  readonly #newest = new Map<string, number>();
  readonly #root: string;
  #syncs = 0;

  constructor(root: string) {
    this.#root = resolve(root);
  }

  /** Bytes of a file that a power cut would leave; undefined when its name, or one of a directory above it, would be lost. */
  survives(path: string): number | undefined {
    const file = this.#durableName(resolve(path));
    for (let at = dirname(resolve(path)); at !== this.#root; at = dirname(at)) {
      if (this.#durableName(at) !== 'directory') return undefined;
    }
    return file === undefined || file === 'directory' ? undefined : file.synced;
  }

  /** Bytes of a file, by its present name, that a completed sync covers. */
  synced(path: string): number | undefined {
    const found = this.#get(path);
    return found === 'directory' ? undefined : found?.synced;
  }

  #durableName(path: string): Inode | 'directory' | undefined {
    return this.#durable.get(dirname(path))?.get(basename(path));
  }

  #entries(directory: string): Map<string, Inode | 'directory'> {
    let entries = this.#names.get(directory);
    if (entries === undefined) this.#names.set(directory, (entries = new Map()));
    return entries;
  }

  #set(path: string, value: Inode | 'directory' | undefined): void {
    const entries = this.#entries(dirname(resolve(path)));
    if (value === undefined) entries.delete(basename(path));
    else entries.set(basename(path), value);
  }

  #get(path: string): Inode | 'directory' | undefined {
    return this.#entries(dirname(resolve(path))).get(basename(path));
  }

  async #sync(fd: number, call: (fd: number) => Promise<void>): Promise<void> {
    const { path, inode } = this.#open.get(fd)!;
    const written = inode?.written ?? 0;
    const entries = inode === undefined ? new Map(this.#entries(path)) : undefined;
    const started = (this.#syncs += 1);
    await call(fd);
    if (inode !== undefined) inode.synced = Math.max(inode.synced, written);
    // Syncs of one directory may overlap: the one that began last knows most.
    if (entries === undefined || started < (this.#newest.get(path) ?? 0)) return;
    this.#newest.set(path, started);
    this.#durable.set(path, entries);
  }

  readonly fs: StoreFs = {
    ...nodeStoreFs,
    open: async (path, flags, mode) => {
      const fd = await nodeStoreFs.open(path, flags, mode);
      if (flags === OPEN.create) this.#set(path, { written: 0, synced: 0 });
      const found = this.#get(path);
      this.#open.set(fd, {
        path: resolve(path),
        inode: flags === OPEN.directory || found === 'directory' ? undefined : found,
      });
      return fd;
    },
    close: async (fd) => {
      this.#open.delete(fd);
      await nodeStoreFs.close(fd);
    },
    writeAll: async (fd, chunks, position) => {
      await nodeStoreFs.writeAll(fd, chunks, position);
      const { inode } = this.#open.get(fd)!;
      const end = position + chunks.reduce((sum, chunk) => sum + chunk.length, 0);
      if (inode !== undefined) inode.written = Math.max(inode.written, end);
    },
    fdatasync: (fd) => this.#sync(fd, nodeStoreFs.fdatasync),
    fsync: (fd) => this.#sync(fd, nodeStoreFs.fsync),
    link: async (from, to) => {
      await nodeStoreFs.link(from, to);
      this.#set(to, this.#get(from));
    },
    rename: async (from, to) => {
      await nodeStoreFs.rename(from, to);
      this.#set(to, this.#get(from));
      this.#set(from, undefined);
    },
    unlink: async (path) => {
      await nodeStoreFs.unlink(path);
      this.#set(path, undefined);
    },
    mkdir: async (path) => {
      await nodeStoreFs.mkdir(path);
      this.#set(path, 'directory');
    },
  };
}

const basename = (path: string): string => path.slice(path.lastIndexOf('/') + 1);
