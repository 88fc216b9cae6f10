import type { SqliteDatabase, SqliteStatement } from '../database.ts';

/**
 * Marks studies as changed in the transaction that adds the instance: a positive C-STORE response says that the place in the
 * forwarding queue is durable, too. A study is marked once, until another connection has committed: the engine may have taken the mark.
 */
export class QueueMarks {
  readonly #insert: SqliteStatement;
  readonly #marked = new Set<number>();

  constructor(db: SqliteDatabase) {
    this.#insert = db.prepare(
      'INSERT INTO egress_changed (study_instance_uid, changed_at) VALUES (?, ?) ON CONFLICT (study_instance_uid) DO NOTHING',
    );
  }

  mark(studyFk: number, studyUid: Buffer, receivedAt: number): void {
    if (this.#marked.has(studyFk)) return;
    this.#insert.run(studyUid, receivedAt);
    this.#marked.add(studyFk);
  }

  forget(): void {
    this.#marked.clear();
  }
}
