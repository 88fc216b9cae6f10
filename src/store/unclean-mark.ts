import { errorCode } from '../core/errors.ts';
import { syncDirectory } from './directories.ts';
import { toStoreError, toSyncError } from './store-errors.ts';
import { OPEN } from './store-fs.ts';
import type { StoreFs } from './store-fs.ts';

// A clock set back by less than this between the mark and a crash hides no stray.
const MARGIN_MS = 10 * 60_000;
const DIGITS = 16;

/**
 * The file that exists while a node owns the store, and another one while an import adds to it. It holds a time before which every publication had ended, written anew now and
 * then; an orderly stop removes it. Found at a start, it tells that the last stop was none, and how far back strays can be. An import's
 * is its own, so that a node that stops in order beside it does not speak for it.
 */
export class UncleanMark {
  readonly #fs: StoreFs;
  readonly #path: string;
  readonly #directory: string;
  #fd = -1;
  #written = 0;

  private constructor(fs: StoreFs, directory: string, path: string) {
    this.#fs = fs;
    this.#directory = directory;
    this.#path = path;
  }

  /** @returns the mark, and since when (ms) strays may exist: undefined after an orderly stop, 0 when that cannot be told. */
  static async open(
    fs: StoreFs,
    directory: string,
    role: 'node' | 'import',
    now: number,
  ): Promise<{ mark: UncleanMark; strayableSince: number | undefined }> {
    const mark = new UncleanMark(fs, directory, role === 'node' ? `${directory}/unclean` : guestPath(directory));
    try {
      const before = await mark.#read(mark.#path);
      const marks = role === 'node' ? [before, await mark.#read(guestPath(directory))] : [before];
      const times = marks.filter((time) => time !== undefined);
      if (before === undefined) {
        const fd = await fs.open(mark.#path, OPEN.create);
        await fs.close(fd);
      }
      mark.#fd = await fs.open(mark.#path, OPEN.write);
      // The old time stays until recovery has looked at everything since then.
      if (before === undefined) await mark.advance(now);
      await syncDirectory(fs, directory);
      return { mark, strayableSince: times.length === 0 ? undefined : Math.max(0, Math.min(...times) - MARGIN_MS) };
    } catch (error) {
      throw toStoreError(error, 'mark');
    }
  }

  /** Everything that began before `time` (ms) has ended. In place, so that a full disk is no hindrance. @throws SyncFailedError */
  async advance(time: number): Promise<void> {
    if (time <= this.#written || this.#fd < 0) return;
    await this.#fs.writeAll(this.#fd, [Buffer.from(`${String(Math.floor(time)).padStart(DIGITS, '0')}\n`)], 0);
    await this.#fs.fdatasync(this.#fd).catch((error: unknown) => {
      throw toSyncError(error, 'file');
    });
    this.#written = time;
  }

  /** What an import left that was cut short has been looked at. No import is at work. */
  async forgetGuest(): Promise<void> {
    if (await this.#unlink(guestPath(this.#directory))) await syncDirectory(this.#fs, this.#directory);
  }

  /** An orderly stop: `clean` removes the mark; otherwise the next start recovers. */
  async close(clean: boolean): Promise<void> {
    if (this.#fd < 0) return;
    const fd = this.#fd;
    this.#fd = -1;
    await this.#fs.close(fd).catch(() => undefined);
    if (!clean) return;
    if (await this.#unlink(this.#path)) await syncDirectory(this.#fs, this.#directory);
  }

  async #unlink(path: string): Promise<boolean> {
    try {
      await this.#fs.unlink(path);
      return true;
    } catch (error) {
      if (errorCode(error) === 'ENOENT') return false;
      throw toStoreError(error, 'unlink');
    }
  }

  // A torn or empty mark is a mark without a time.
  async #read(path: string): Promise<number | undefined> {
    let fd: number;
    try {
      fd = await this.#fs.open(path, OPEN.read);
    } catch (error) {
      if (errorCode(error) === 'ENOENT') return undefined;
      throw error;
    }
    try {
      const buffer = Buffer.alloc(DIGITS + 1);
      const text = buffer.toString('latin1', 0, await this.#fs.read(fd, buffer, 0));
      return /^[0-9]{16}\n$/.test(text) ? Number(text) : 0;
    } finally {
      await this.#fs.close(fd).catch(() => undefined);
    }
  }
}

const guestPath = (directory: string): string => `${directory}/unclean.import`;
