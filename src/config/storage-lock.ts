import { randomUUID } from 'node:crypto';
import { linkSync, readFileSync, renameSync, statSync, unlinkSync, utimesSync, writeFileSync } from 'node:fs';
import { hostname } from 'node:os';
import { dirname } from 'node:path';
import { KuvaError, errorCode } from '../core/errors.ts';
import { makeFolder } from './make-folder.ts';

/** Another process owns the storage. */
export class StorageInUseError extends KuvaError {
  override readonly name = 'StorageInUseError';
}

/** Who holds a lock, as written into its file. */
export interface LockHolder {
  readonly pid: number;
  /** Start time of the process in clock ticks after boot, so that a reused pid is not taken for the holder. */
  readonly processStart: string;
  readonly host: string;
  /** `node`, `import`, `reindex`: what to name in the message. */
  readonly purpose: string;
}

// A holder on another host (or in another container) cannot be asked whether it lives, so it shows that by touching its file.
const HEARTBEAT_MS = 10_000;
const SILENT_MS = 6 * HEARTBEAT_MS;
const ENDED = new Set(['Z', 'X']);

/** One owner for one storage folder, until `release()` or the end of the process. */
export class StorageLock {
  readonly #path: string;
  readonly #content: string;
  readonly #heartbeat: NodeJS.Timeout;
  readonly #onExit = (): void => this.release();

  private constructor(path: string, content: string) {
    this.#path = path;
    this.#content = content;
    this.#heartbeat = setInterval(() => this.#touch(), HEARTBEAT_MS).unref();
    process.once('exit', this.#onExit);
  }

  /** Takes the lock; a lock left by a process that is gone is replaced. @throws StorageInUseError naming the holder */
  static acquire(path: string, purpose: string): StorageLock {
    makeFolder(dirname(path));
    const content = `${JSON.stringify({ pid: process.pid, processStart: readProcess(process.pid)?.start ?? '', host: hostname(), purpose } satisfies LockHolder)}\n`;
    const own = `${path}.${randomUUID()}`;
    writeFileSync(own, content, { flag: 'wx' });
    try {
      for (let attempt = 0; attempt < 3; attempt += 1) {
        try {
          // link() is atomic and never replaces, so that the file is whole from the first moment that others see it.
          linkSync(own, path);
          return new StorageLock(path, content);
        } catch (error) {
          if (errorCode(error) !== 'EEXIST') throw error;
        }
        removeStale(path);
      }
      throw inUse(path, readHolder(path));
    } finally {
      unlinkSync(own);
    }
  }

  release(): void {
    clearInterval(this.#heartbeat);
    process.removeListener('exit', this.#onExit);
    try {
      if (readFileSync(this.#path, 'utf8') === this.#content) {
        unlinkSync(this.#path);
      }
    } catch {
      // Gone already, or the storage is: there is nothing left to release.
    }
  }

  [Symbol.dispose](): void {
    this.release();
  }

  #touch(): void {
    try {
      utimesSync(this.#path, new Date(), new Date());
    } catch {
      // A storage that went away shows itself where objects are written.
    }
  }
}

/** The living holder of a lock, or undefined when nobody holds it. */
export function lockHolder(path: string): LockHolder | undefined {
  const holder = readHolder(path);
  return holder !== undefined && isAlive(path, holder) ? holder : undefined;
}

function removeStale(path: string): void {
  const holder = readHolder(path);
  if (holder !== undefined && isAlive(path, holder)) {
    throw inUse(path, holder);
  }
  // Moved aside and looked at again: between the look and the move another process may have put its own, living lock there.
  const aside = `${path}.${randomUUID()}`;
  try {
    renameSync(path, aside);
  } catch (error) {
    if (errorCode(error) === 'ENOENT') return;
    throw error;
  }
  const moved = readHolder(aside);
  if (moved !== undefined && isAlive(aside, moved)) {
    linkSync(aside, path);
    unlinkSync(aside);
    throw inUse(path, moved);
  }
  unlinkSync(aside);
}

function readHolder(path: string): LockHolder | undefined {
  try {
    const value = JSON.parse(readFileSync(path, 'utf8')) as Partial<LockHolder>;
    return typeof value.pid === 'number' && typeof value.host === 'string'
      ? { pid: value.pid, host: value.host, processStart: value.processStart ?? '', purpose: value.purpose ?? 'node' }
      : undefined;
  } catch {
    return undefined;
  }
}

function isAlive(path: string, holder: LockHolder): boolean {
  if (holder.host !== hostname()) {
    return Date.now() - statSync(path).mtimeMs < SILENT_MS;
  }
  try {
    process.kill(holder.pid, 0);
  } catch (error) {
    if (errorCode(error) === 'ESRCH') return false;
  }
  const found = readProcess(holder.pid);
  if (found === undefined) return true;
  // A zombie has ended and holds nothing; its parent, often a container's first process, may never ask for its status.
  return !ENDED.has(found.state) && (holder.processStart === '' || found.start === holder.processStart);
}

/** Fields 3 and 22 of /proc/PID/stat; undefined where there is no /proc. */
function readProcess(pid: number): { readonly state: string; readonly start: string } | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    return { state: fields[0] ?? '', start: fields[19] ?? '' };
  } catch {
    return undefined;
  }
}

function inUse(path: string, holder: LockHolder | undefined): StorageInUseError {
  const who =
    holder === undefined
      ? 'another process'
      : `kuva ${holder.purpose === 'node' ? 'start' : holder.purpose} (pid ${holder.pid} on ${holder.host})`;
  return new StorageInUseError(
    'STORAGE_IN_USE',
    `the storage ${dirname(path)} is in use by ${who}; stop it first, or give another storage.root`,
    {
      lock: path,
      pid: holder?.pid,
      host: holder?.host,
      purpose: holder?.purpose,
    },
  );
}
