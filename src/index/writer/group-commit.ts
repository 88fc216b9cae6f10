import type { SqliteDatabase } from '../database.ts';
import type { IndexError } from '../index-errors.ts';
import { spoilsBatch, toBatchError, toIndexError } from '../sqlite-failures.ts';
import type { IndexWriter, WriteOperations } from './index-writer.ts';

/** One queued change. */
export interface WriteRequest {
  readonly id: number;
  readonly operation: keyof WriteOperations;
  readonly args: readonly unknown[];
}

export type WriteOutcome =
  | { readonly id: number; readonly value: unknown }
  | { readonly id: number; readonly error: IndexError };

/** What became of a batch; `fatal` says that the process must stop acknowledging. */
export interface BatchOutcome {
  readonly outcomes: WriteOutcome[];
  readonly fatal: IndexError | undefined;
}

/**
 * Commits everything that waits in one transaction: one fsync for all. A row that fails alone is undone by its
 * savepoint; a full disk or a lost lock fails the batch; an I/O error is fatal, for the kernel may have marked the
 * unwritten pages clean and the next commit would look good.
 */
export class GroupCommit {
  readonly #db: SqliteDatabase;
  readonly #writer: IndexWriter;
  readonly #statements: Readonly<
    Record<'begin' | 'savepoint' | 'release' | 'rollbackTo' | 'commit' | 'rollback', { run(): unknown }>
  >;
  readonly #readDataVersion: { get(): unknown };
  #dataVersion: unknown;

  constructor(db: SqliteDatabase, writer: IndexWriter) {
    this.#db = db;
    this.#writer = writer;
    this.#readDataVersion = db.prepare('PRAGMA data_version').pluck();
    this.#statements = {
      begin: db.prepare('BEGIN IMMEDIATE'),
      savepoint: db.prepare('SAVEPOINT request'),
      release: db.prepare('RELEASE request'),
      rollbackTo: db.prepare('ROLLBACK TO request'),
      commit: db.prepare('COMMIT'),
      rollback: db.prepare('ROLLBACK'),
    };
  }

  run(requests: readonly WriteRequest[]): BatchOutcome {
    try {
      this.#begin();
      const outcomes = requests.map((request) => this.#runOne(request));
      this.#writer.complete();
      this.#statements.commit.run();
      this.#writer.committed();
      return { outcomes, fatal: undefined };
    } catch (thrown) {
      const error = toBatchError(thrown, this.#db.name);
      this.#undo();
      const outcomes = requests.map(({ id }) => ({ id, error }));
      return { outcomes, fatal: error.code === 'INDEX_FATAL' ? error : undefined };
    }
  }

  #begin(): void {
    this.#statements.begin.run();
    const dataVersion = this.#readDataVersion.get();
    if (dataVersion !== this.#dataVersion) this.#writer.othersCommitted();
    this.#dataVersion = dataVersion;
    this.#writer.begin();
  }

  #runOne(request: WriteRequest): WriteOutcome {
    this.#writer.prepare(request.operation);
    this.#statements.savepoint.run();
    try {
      const operation = this.#writer.operations[request.operation] as (...args: readonly unknown[]) => unknown;
      const value = operation(...request.args);
      this.#statements.release.run();
      return { id: request.id, value };
    } catch (thrown) {
      const error = toIndexError(thrown, this.#db.name);
      if (spoilsBatch(error) || !this.#db.inTransaction) throw error;
      this.#statements.rollbackTo.run();
      this.#statements.release.run();
      this.#writer.undone(request.operation);
      return { id: request.id, error };
    }
  }

  #undo(): void {
    this.#writer.rolledBack();
    this.#dataVersion = undefined;
    // SQLite has rolled back by itself after some errors.
    if (!this.#db.inTransaction) return;
    try {
      this.#statements.rollback.run();
    } catch {
      // The failure that led here is the one to report.
    }
  }
}
