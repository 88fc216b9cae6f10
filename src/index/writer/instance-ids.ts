import type { SqliteDatabase, SqliteStatement } from '../database.ts';

/** The one sequence of instance and conflict ids. Read under the write lock, so that two processes never draw the same. */
export class InstanceIds {
  readonly #last: SqliteStatement;
  readonly #keep: SqliteStatement;
  #next: number | undefined;

  constructor(db: SqliteDatabase) {
    this.#last = db.prepare(
      `SELECT (SELECT last_instance_id FROM index_state) AS kept, (SELECT max(id) FROM instance) AS instance,
       (SELECT max(id) FROM instance_conflict) AS conflict`,
    );
    this.#keep = db.prepare('UPDATE index_state SET last_instance_id = ? WHERE last_instance_id < ?');
  }

  next(): number {
    const id = this.#next ?? this.#lastUsed() + 1;
    this.#next = id + 1;
    return id;
  }

  /** Before the row with the highest id may go: remembers it, so that a late `markDurable` never hits another row. */
  keepLast(): void {
    const last = this.#lastUsed();
    this.#keep.run(last, last);
  }

  forget(): void {
    this.#next = undefined;
  }

  /** Whether another connection has drawn ids; yes when none has been drawn here. */
  othersDrew(): boolean {
    return this.#next === undefined || this.#lastUsed() >= this.#next;
  }

  #lastUsed(): number {
    const row = this.#last.get() ?? {};
    return Math.max(Number(row['kept'] ?? 0), Number(row['instance'] ?? 0), Number(row['conflict'] ?? 0));
  }
}
