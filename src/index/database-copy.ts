import { closeSync, openSync, renameSync, rmSync, statSync } from 'node:fs';
import { dirname } from 'node:path';
import Sqlite from 'better-sqlite3';
import { openReader, syncPath } from './database.ts';
import { IndexOpenError } from './index-errors.ts';

/** What a copy of the database has in it. */
export interface DatabaseCopy {
  readonly bytes: number;
  readonly studies: number;
  readonly instances: number;
}

// 16 MiB between two looks at whether somebody wants it to end.
const PAGES_A_STEP = 4096;
/** It holds patient data. */
const OWNER_ONLY = 0o600;

/**
 * Copies the database as it is at one moment, beside whoever writes to it, and checks the copy. It gets its name when it is whole and on the
 * disk; before that nothing but `<to>.part` is there. @throws IndexOpenError, system errors
 */
export async function copyDatabase(
  from: string,
  to: string,
  onStep: (bytes: number, of: number) => void,
  signal: AbortSignal,
): Promise<DatabaseCopy> {
  const part = `${to}.part`;
  closeSync(openSync(part, 'wx', OWNER_ONLY));
  try {
    const db = openReader(from);
    try {
      // One read transaction for all steps: what is committed meanwhile neither gets in nor makes it begin anew.
      db.exec('BEGIN');
      db.prepare('SELECT count(*) FROM sqlite_schema').get();
      const pageBytes = Number(db.pragma('page_size', { simple: true }));
      await db.backup(part, {
        progress: ({ totalPages, remainingPages }) => {
          signal.throwIfAborted();
          onStep((totalPages - remainingPages) * pageBytes, totalPages * pageBytes);
          return PAGES_A_STEP;
        },
      });
    } finally {
      db.close();
    }
    const { studies, instances } = check(part);
    syncPath(part);
    renameSync(part, to);
    syncPath(dirname(to));
    return { bytes: statSync(to).size, studies, instances };
  } catch (error) {
    rmSync(part, { force: true });
    throw error;
  }
}

/** Reads all of a copy, and leaves it as one file without a write-ahead log. */
function check(path: string): Pick<DatabaseCopy, 'studies' | 'instances'> {
  const db = new Sqlite(path);
  try {
    db.pragma('journal_mode = DELETE');
    const found = db.pragma('quick_check(1)', { simple: true });
    if (found !== 'ok')
      throw new IndexOpenError('INDEX_CORRUPT', `the copy of the database is damaged: ${String(found)}`);
    const count = (column: string): number =>
      Number(db.prepare(`SELECT COALESCE(sum(${column}), 0) FROM bucket`).pluck().get());
    return { studies: count('studies'), instances: count('instances') };
  } finally {
    db.close();
  }
}
