import { closeSync, existsSync, fsyncSync, mkdirSync, openSync } from 'node:fs';
import { dirname } from 'node:path';
import Sqlite from 'better-sqlite3';
import { errorCode } from '../core/errors.ts';
import { IndexOpenError } from './index-errors.ts';
import { migrate } from './migrations.ts';

export type SqliteDatabase = Sqlite.Database;
export type SqliteStatement = Sqlite.Statement<unknown[], Record<string, unknown>>;

/** ASCII "KUVA": another program's database is never migrated. */
const APPLICATION_ID = 0x4b555641;

const WRITER_CACHE_KIB = 65_536;
const READER_CACHE_KIB = 32_768;
const CHECKPOINTER_CACHE_KIB = 1024;

/** Opens or creates the one database for writing and brings its schema up to date. */
export function openWriter(path: string): SqliteDatabase {
  const created = !existsSync(path);
  const db = open(path, false);
  try {
    setUp(db, path, WRITER_CACHE_KIB);
    // An automatic checkpoint would run inside somebody's commit: the writer does it when idle.
    db.pragma('wal_autocheckpoint = 0');
    migrate(db, path);
    // SQLite ignores errors of its own directory sync.
    if (created) syncPath(dirname(path));
    return db;
  } catch (error) {
    db.close();
    throw asOpenError(error, path);
  }
}

/** A second connection beside the writer, for checkpoints only. */
export function openCheckpointer(path: string): SqliteDatabase {
  const db = open(path, false);
  try {
    setUp(db, path, CHECKPOINTER_CACHE_KIB);
    db.pragma('wal_autocheckpoint = 0');
    return db;
  } catch (error) {
    db.close();
    throw asOpenError(error, path);
  }
}

/** A connection that can only read; the schema must be there already. */
export function openReader(path: string): SqliteDatabase {
  const db = open(path, true);
  try {
    setUp(db, path, READER_CACHE_KIB);
    // Values of all VRs but PN are matched case-sensitively (PS3.4 C.2.2.2.1), as LIKE is in PostgreSQL.
    db.pragma('case_sensitive_like = ON');
    return db;
  } catch (error) {
    db.close();
    throw asOpenError(error, path);
  }
}

function open(path: string, readonly: boolean): SqliteDatabase {
  try {
    if (!readonly) mkdirSync(dirname(path), { recursive: true });
    return new Sqlite(path, { readonly, fileMustExist: readonly });
  } catch (error) {
    throw asOpenError(error, path);
  }
}

function setUp(db: SqliteDatabase, path: string, cacheKiB: number): void {
  db.pragma('busy_timeout = 5000');
  const applicationId = db.pragma('application_id', { simple: true });
  if (applicationId !== APPLICATION_ID && (applicationId !== 0 || hasTables(db))) {
    throw new IndexOpenError('INDEX_FOREIGN', `${path} is not a kuva database: give another path.`, { path });
  }
  if (!db.readonly) {
    db.pragma('journal_mode = WAL');
    if (applicationId === 0) db.pragma(`application_id = ${APPLICATION_ID}`);
  }
  // better-sqlite3 is compiled with NORMAL for WAL, which loses acknowledged rows in a power cut.
  db.pragma('synchronous = FULL');
  db.pragma('foreign_keys = ON');
  db.pragma(`cache_size = -${cacheKiB}`);
  db.pragma('temp_store = MEMORY');
  verify(db, path, { journal_mode: 'wal', synchronous: 2, foreign_keys: 1, busy_timeout: 5000 });
}

/** Settings are read back: a mount or a build that refuses one must stop the start, not lose rows later. */
function verify(db: SqliteDatabase, path: string, expected: Readonly<Record<string, string | number>>): void {
  for (const [pragma, value] of Object.entries(expected)) {
    const actual = db.pragma(pragma, { simple: true });
    if (actual !== value) {
      throw new IndexOpenError(
        'INDEX_SETTING',
        `${path}: ${pragma} is ${String(actual)} but must be ${value}. Is the file on a network mount?`,
        {
          path,
          pragma,
          actual: String(actual),
          expected: value,
        },
      );
    }
  }
}

function hasTables(db: SqliteDatabase): boolean {
  return db.prepare('SELECT 1 FROM sqlite_schema LIMIT 1').get() !== undefined;
}

/** Of a file or a directory: what is in it is on the disk when this returns. */
export function syncPath(path: string): void {
  const fd = openSync(path, 'r');
  try {
    fsyncSync(fd);
  } finally {
    closeSync(fd);
  }
}

function asOpenError(error: unknown, path: string): IndexOpenError {
  if (error instanceof IndexOpenError) return error;
  const code = errorCode(error);
  return new IndexOpenError(
    'INDEX_OPEN',
    `The database ${path} cannot be opened (${code}).`,
    { path, cause: code },
    error,
  );
}
