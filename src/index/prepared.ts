import type Sqlite from 'better-sqlite3';
import type { SqliteDatabase } from './database.ts';

const KEPT = new WeakMap<SqliteDatabase, Map<string, unknown>>();

/**
 * A statement of a connection, prepared once for each text: for questions that every received object or study asks. Preparing takes
 * longer than most answers. Never for a text that is put together from values.
 */
export function prepared<Row>(db: SqliteDatabase, sql: string): Sqlite.Statement<unknown[], Row> {
  let statements = KEPT.get(db);
  if (statements === undefined) KEPT.set(db, (statements = new Map()));
  let statement = statements.get(sql) as Sqlite.Statement<unknown[], Row> | undefined;
  if (statement === undefined) statements.set(sql, (statement = db.prepare<unknown[], Row>(sql)));
  return statement;
}
