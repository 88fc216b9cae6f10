import { randomUUID } from 'node:crypto';
import { linkSync, readFileSync, renameSync, unlinkSync, utimesSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { KuvaError, errorCode } from '../core/errors.ts';
import { HEARTBEAT_MS, SILENT_MS, canBeAsked, isAlive, lastTouch, ownHolder, readHolder } from './lock-holder.ts';
import type { LockHolder } from './lock-holder.ts';
import { makeFolder } from './make-folder.ts';

/** Another process owns the storage. */
export class StorageInUseError extends KuvaError {
  override readonly name = 'StorageInUseError';
}

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
    const content = `${JSON.stringify(ownHolder(purpose))}\n`;
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
  try {
    return holder !== undefined && isAlive(path, holder) ? holder : undefined;
  } catch (error) {
    // Released between the two looks.
    if (errorCode(error) === 'ENOENT') return undefined;
    throw error;
  }
}

/**
 * A holder in another container, or on another host, may just have ended without a word, as a container that was killed and is started
 * again has. Settles when it has shown that it lives, or can be taken for gone; at once when there is no such holder.
 */
export async function awaitSignOfLife(path: string, stepMs = 500): Promise<void> {
  const holder = readHolder(path);
  if (holder === undefined || canBeAsked(holder) || !isAlive(path, holder)) return;
  const seen = touchOf(path);
  while (lockHolder(path) !== undefined && touchOf(path) === seen) await setTimeout(stepMs);
}

function touchOf(path: string): number | undefined {
  try {
    return lastTouch(path);
  } catch (error) {
    if (errorCode(error) === 'ENOENT') return undefined;
    throw error;
  }
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

const HOLDERS: Readonly<Record<string, string>> = {
  node: 'kuva start',
  expiry: 'kuva start, which is removing expired copies (try again in a moment)',
};

function inUse(path: string, holder: LockHolder | undefined): StorageInUseError {
  const who =
    holder === undefined
      ? 'another process'
      : `${HOLDERS[holder.purpose] ?? `kuva ${holder.purpose}`} (pid ${holder.pid} on ${holder.host}${canBeAsked(holder) ? '' : `, another host or container; free ${SILENT_MS / 1000} s after its last sign of life`})`;
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
