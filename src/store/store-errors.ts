import { errorCode, KuvaError, toError } from '../core/errors.ts';

/**
 * One object could not be kept, read or removed; the store itself goes on. `code` is one of STORE_DISK_FULL,
 * STORE_RESERVE, STORE_READ_ONLY, STORE_PERMISSION, STORE_TOO_MANY_FILES, STORE_IO, STORE_STOPPED, OBJECT_MISSING,
 * OBJECT_CORRUPT, OBJECT_NAME_INVALID, RECEPTION_ABORTED. `facts.errno` is the operating system's code when there is one.
 */
export class StoreError extends KuvaError {
  override readonly name: string = 'StoreError';
}

/**
 * fsync or fdatasync failed: the kernel may have dropped the pages and marked them clean, so that no later success means
 * anything. The node must stop acknowledging and end; recovery at the next start finds out what is whole.
 */
export class SyncFailedError extends StoreError {
  override readonly name = 'SyncFailedError';
}

const SYSTEM: Readonly<Record<string, readonly [code: string, message: string]>> = {
  ENOSPC: [
    'STORE_DISK_FULL',
    'The disk of the object store is full (space or inodes): free or add some, nothing else is needed',
  ],
  EDQUOT: ['STORE_DISK_FULL', 'The disk quota of the object store is used up: raise it, nothing else is needed'],
  EROFS: [
    'STORE_READ_ONLY',
    'The object store is mounted read-only: look in the kernel log for why, then remount it writable',
  ],
  EACCES: ['STORE_PERMISSION', 'The node may not write to the object store: give its user write permission'],
  EPERM: ['STORE_PERMISSION', 'The node may not write to the object store: give its user write permission'],
  EMFILE: ['STORE_TOO_MANY_FILES', 'The node has too many open files: raise its limit (LimitNOFILE)'],
  ENFILE: ['STORE_TOO_MANY_FILES', 'The machine has too many open files: raise fs.file-max'],
  ENOENT: ['OBJECT_MISSING', 'A file or directory of the object store is missing'],
};

/** A failed system call as a StoreError; an error that is one already is kept. */
export function toStoreError(thrown: unknown, operation: string): StoreError {
  if (thrown instanceof StoreError) return thrown;
  const errno = errorCode(thrown);
  const [code, message] = SYSTEM[errno] ?? [
    'STORE_IO',
    'The disk of the object store reported an error: check the disk and the kernel log',
  ];
  return new StoreError(code, `${message} (${errno} on ${operation}).`, { errno, operation }, toError(thrown));
}

/** The failure of an fsync or fdatasync. */
export function toSyncError(thrown: unknown, target: 'file' | 'directory'): SyncFailedError {
  const errno = errorCode(thrown);
  return new SyncFailedError(
    'STORE_SYNC_FAILED',
    `The disk did not confirm a ${target} (${errno}): check the disk, then restart; recovery verifies what is whole.`,
    { errno, target },
    toError(thrown),
  );
}
