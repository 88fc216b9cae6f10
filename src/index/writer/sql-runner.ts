import type Sqlite from 'better-sqlite3';
import type { SqliteDatabase } from '../database.ts';
import type { Cell } from '../reader/statement-cache.ts';

/** Runs statements by their text on the writer's connection, each prepared once; rows come as arrays. */
export class SqlRunner {
  readonly #db: SqliteDatabase;
  readonly #changes = new Map<string, Sqlite.Statement>();
  readonly #questions = new Map<string, Sqlite.Statement<unknown[], Cell[]>>();

  constructor(db: SqliteDatabase) {
    this.#db = db;
  }

  /** The number of rows that changed. */
  run(sql: string, ...values: readonly unknown[]): number {
    let statement = this.#changes.get(sql);
    if (statement === undefined) this.#changes.set(sql, (statement = this.#db.prepare(sql)));
    return statement.run(...values).changes;
  }

  row(sql: string, ...values: readonly unknown[]): Cell[] | undefined {
    return this.#question(sql).get(...values);
  }

  rows(sql: string, ...values: readonly unknown[]): Cell[][] {
    return this.#question(sql).all(...values);
  }

  #question(sql: string): Sqlite.Statement<unknown[], Cell[]> {
    let statement = this.#questions.get(sql);
    if (statement === undefined) this.#questions.set(sql, (statement = this.#db.prepare<unknown[], Cell[]>(sql).raw()));
    return statement;
  }
}
