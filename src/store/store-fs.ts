import * as fs from 'node:fs';
import { wholePages, writeDirect } from './direct-write.ts';

export interface FileFacts {
  readonly size: number;
  readonly mtimeMs: number;
  /** Last change of content, name or mode, by the kernel's clock: nobody can set it back. */
  readonly ctimeMs: number;
  readonly ino: number;
  readonly isFile: boolean;
}

export interface DiskFacts {
  /** Bytes that an unprivileged process may still use. */
  readonly freeBytes: number;
  readonly totalBytes: number;
}

/**
 * The file system as the store uses it: plain descriptors and one promise a call, since FileHandles cost about a tenth more an
 * object. Calls that only touch memory (open, close, fstat, mkdir, a small write) are made at once: handing one to the thread pool costs
 * 50-80 µs of the main thread, more than the call itself. Whatever may wait for the disk goes to the pool, and so does copying a large
 * write, which would keep all other associations waiting. Tests inject faults here.
 */
export interface StoreFs {
  open(path: string, flags: number, mode?: number): Promise<number>;
  close(fd: number): Promise<void>;
  /** Writes all buffers at `position`, or rejects. */
  writeAll(fd: number, chunks: readonly Buffer[], position: number): Promise<void>;
  /** Bytes read, 0 at the end. */
  read(fd: number, buffer: Buffer, position: number): Promise<number>;
  fdatasync(fd: number): Promise<void>;
  fsync(fd: number): Promise<void>;
  link(from: string, to: string): Promise<void>;
  rename(from: string, to: string): Promise<void>;
  unlink(path: string): Promise<void>;
  mkdir(path: string): Promise<void>;
  readdir(path: string): Promise<string[]>;
  lstat(path: string): Promise<FileFacts>;
  fstat(fd: number): Promise<FileFacts>;
  statfs(path: string): Promise<DiskFacts>;
}

const { O_CREAT, O_EXCL, O_RDWR, O_RDONLY, O_DIRECTORY, O_NOFOLLOW, O_WRONLY } = fs.constants;
/** `O_NOFOLLOW`: a symbolic link planted in the tree is an error, never followed. */
export const OPEN = {
  create: O_CREAT | O_EXCL | O_RDWR,
  read: O_RDONLY | O_NOFOLLOW,
  write: O_WRONLY | O_NOFOLLOW,
  directory: O_RDONLY | O_DIRECTORY,
} as const;

// Patient data: readable for the node's user and group, nobody else.
const FILE_MODE = 0o640;
const DIRECTORY_MODE = 0o750;

const SMALL_WRITE = 64 * 1024;

type Done<T> = (error: NodeJS.ErrnoException | null, value?: T) => void;

function call<T = void>(start: (done: Done<T>) => void): Promise<T> {
  return new Promise((resolve, reject) => {
    start((error, value) => {
      if (error) reject(error);
      else resolve(value as T);
    });
  });
}

const facts = (stat: fs.Stats): FileFacts => ({
  size: stat.size,
  mtimeMs: stat.mtimeMs,
  ctimeMs: stat.ctimeMs,
  ino: stat.ino,
  isFile: stat.isFile(),
});

// Large writes go past the page cache where they can. The rest is first: it takes little, and fails before much is written when the disk is full.
async function writeAll(fd: number, chunks: readonly Buffer[], position: number): Promise<void> {
  const pages = bytesOf(chunks) <= SMALL_WRITE ? [] : wholePages(chunks, position);
  if (pages.length === 0) return writeCached(fd, chunks, position);
  const bytes = bytesOf(pages);
  await writeCached(fd, after(chunks, bytes), position + bytes);
  const written = await writeDirect(fd, pages, position);
  if (written < bytes) await writeCached(fd, after(pages, written), position + written);
}

async function writeCached(fd: number, chunks: readonly Buffer[], position: number): Promise<void> {
  let rest = chunks;
  let at = position;
  const atOnce = bytesOf(chunks) <= SMALL_WRITE;
  while (rest.length > 0) {
    const buffers = rest as Buffer[];
    const written = atOnce
      ? fs.writevSync(fd, buffers, at)
      : await call<number>((done) => fs.writev(fd, buffers, at, done));
    if (written === 0) throw Object.assign(new Error('write made no progress'), { code: 'EIO' });
    at += written;
    rest = after(rest, written);
  }
}

function bytesOf(chunks: readonly Buffer[]): number {
  return chunks.reduce((sum, chunk) => sum + chunk.length, 0);
}

// A short write is legal (POSIX write): what is left is tried again, and then tells the reason.
function after(chunks: readonly Buffer[], written: number): readonly Buffer[] {
  let skip = written;
  let index = 0;
  while (index < chunks.length && skip >= chunks[index]!.length) {
    skip -= chunks[index]!.length;
    index += 1;
  }
  if (index === chunks.length) return [];
  return [chunks[index]!.subarray(skip), ...chunks.slice(index + 1)];
}

/** The operating system's file system. */
export const nodeStoreFs: StoreFs = {
  open: async (path, flags, mode = FILE_MODE) => fs.openSync(path, flags, mode),
  close: async (fd) => fs.closeSync(fd),
  writeAll,
  read: (fd, buffer, position) =>
    call((done) => fs.read(fd, buffer, 0, buffer.length, position, (error, count) => done(error, count))),
  fdatasync: (fd) => call((done) => fs.fdatasync(fd, done)),
  fsync: (fd) => call((done) => fs.fsync(fd, done)),
  link: (from, to) => call((done) => fs.link(from, to, done)),
  rename: (from, to) => call((done) => fs.rename(from, to, done)),
  unlink: (path) => call((done) => fs.unlink(path, done)),
  mkdir: async (path) => fs.mkdirSync(path, DIRECTORY_MODE),
  readdir: (path) => call((done) => fs.readdir(path, (error, names) => done(error, names))),
  lstat: async (path) => facts(await call<fs.Stats>((done) => fs.lstat(path, done))),
  fstat: async (fd) => facts(fs.fstatSync(fd)),
  statfs: async (path) => {
    const disk = await call<fs.StatsFs>((done) => fs.statfs(path, done));
    return { freeBytes: disk.bavail * disk.bsize, totalBytes: disk.blocks * disk.bsize };
  },
};
