import { openReader } from '../database.ts';
import type { SqliteDatabase } from '../database.ts';
import { lastSchemaVersion, schemaVersion } from '../migrations.ts';
import { toIndexError } from '../sqlite-failures.ts';
import { OPERATION_MODULES, READ_MODULES } from './operation-modules-table.ts';
import type { ReadArguments, ReadOperation, ReadResult } from './read-operations.ts';
import { StatementCache } from './statement-cache.ts';

/** Answers in the thread that asks, over one read-only connection: most listings are done before a thread would have begun. */
export class LocalReader implements Disposable {
  readonly #db: SqliteDatabase;
  readonly #statements: StatementCache;

  private constructor(db: SqliteDatabase) {
    this.#db = db;
    this.#statements = new StatementCache(db);
  }

  /** Undefined when a writer has to bring the schema up to date first, or to say why it cannot. @throws IndexOpenError */
  static open(path: string): LocalReader | undefined {
    const db = openReader(path);
    if (schemaVersion(db) === lastSchemaVersion()) return new LocalReader(db);
    db.close();
    return undefined;
  }

  /** Rejects with IndexError. */
  async read<Name extends ReadOperation>(operation: Name, ...args: ReadArguments<Name>): Promise<ReadResult<Name>> {
    const module: Readonly<Record<string, unknown>> = await READ_MODULES[OPERATION_MODULES[operation]]();
    const answer = module[operation] as (statements: StatementCache, ...args: readonly unknown[]) => unknown;
    try {
      return answer(this.#statements, ...args) as ReadResult<Name>;
    } catch (thrown) {
      throw thrown instanceof Error && 'code' in thrown ? toIndexError(thrown) : thrown;
    }
  }

  [Symbol.dispose](): void {
    this.#db.close();
  }
}
