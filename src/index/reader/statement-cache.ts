import type Sqlite from 'better-sqlite3';
import type { SqliteDatabase } from '../database.ts';

/** One value of a row. */
export type Cell = string | number | Buffer | null;

const KEPT = 256;

/** Prepared statements by their text; rows come as arrays. Most callers ask the same questions again and again. */
export class StatementCache {
  readonly #db: SqliteDatabase;
  readonly #statements = new Map<string, Sqlite.Statement<unknown[], Cell[]>>();

  constructor(db: SqliteDatabase) {
    this.#db = db;
  }

  get(sql: string): Sqlite.Statement<unknown[], Cell[]> {
    let statement = this.#statements.get(sql);
    if (statement === undefined) {
      statement = this.#db.prepare<unknown[], Cell[]>(sql).raw();
      if (this.#statements.size >= KEPT) this.#statements.clear();
      this.#statements.set(sql, statement);
    }
    return statement;
  }
}
