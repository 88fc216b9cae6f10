import { errorCode, toError } from '../core/errors.ts';
import { IndexError } from './index-errors.ts';
import { hasRoom } from './write-room.ts';

/** After these the connection answers as if nothing had happened while pages may be lost: stop, restart, recover. */
const FATAL = /^SQLITE_(IOERR|CORRUPT|NOTADB|NOMEM|PROTOCOL|INTERNAL|MISUSE)/;
// Growing the shared-memory file on a full disk: nothing has been written, nothing is lost.
const DISK_FULL = /^SQLITE_(FULL|IOERR_SHMSIZE)$/;
const MESSAGES = {
  INDEX_FATAL:
    'The index reported an I/O error: nothing more can be acknowledged until a restart has checked the storage',
  INDEX_FULL: 'The disk, or the quota, that holds the index is full',
  INDEX_BUSY: 'Another process holds the write lock of the index',
  INDEX_READ_ONLY: 'The index cannot be written: check mount and permissions',
  INDEX_ROW_REJECTED: 'The index refused the row',
  INDEX_FAILED: 'The index failed on this request for a reason it does not know',
} as const;

// What SQLite says of the values of one row. Everything else that is not known says nothing about the object.
const ROW_REJECTED = /^SQLITE_(CONSTRAINT|TOOBIG|MISMATCH)/;

/** Whether the whole transaction is lost, not just the statement that failed. */
export function spoilsBatch(error: IndexError): boolean {
  return error.code !== 'INDEX_ROW_REJECTED' && error.code !== 'INDEX_FAILED';
}

/** A failure of a batch as a whole: no single row of it was refused. */
export function toBatchError(thrown: unknown, path: string): IndexError {
  const error = toIndexError(thrown, path);
  if (error.code !== 'INDEX_ROW_REJECTED') return error;
  return new IndexError('INDEX_FAILED', `${MESSAGES.INDEX_FAILED}.`, error.facts, error);
}

/**
 * Any failure of a statement or a commit as an IndexError; SQLite's own code is kept as a fact. `path` is the database that
 * was written.
 */
export function toIndexError(thrown: unknown, path?: string): IndexError {
  if (thrown instanceof IndexError) return thrown;
  const sqlite = errorCode(thrown);
  const code = sqlite === 'SQLITE_IOERR_WRITE' && path !== undefined && !hasRoom(path) ? 'INDEX_FULL' : kindOf(sqlite);
  return new IndexError(code, `${MESSAGES[code]} (${sqlite}).`, { sqlite }, toError(thrown));
}

function kindOf(sqlite: string): keyof typeof MESSAGES {
  if (DISK_FULL.test(sqlite)) return 'INDEX_FULL';
  if (FATAL.test(sqlite)) return 'INDEX_FATAL';
  if (sqlite.startsWith('SQLITE_BUSY') || sqlite.startsWith('SQLITE_LOCKED')) return 'INDEX_BUSY';
  if (sqlite.startsWith('SQLITE_READONLY') || sqlite.startsWith('SQLITE_CANTOPEN')) return 'INDEX_READ_ONLY';
  return ROW_REJECTED.test(sqlite) ? 'INDEX_ROW_REJECTED' : 'INDEX_FAILED';
}
