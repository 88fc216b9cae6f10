import type { SqliteDatabase, SqliteStatement } from '../database.ts';
import { STUDY_MARK } from '../study-marks.ts';

/** Keeps which instances brought the marks of their study. Costs an object without a mark nothing. */
export class MarkedInstances {
  readonly #insert: SqliteStatement;
  readonly #drop: SqliteStatement;
  readonly #dropStudy: SqliteStatement;

  constructor(db: SqliteDatabase) {
    this.#insert = db.prepare('INSERT INTO marked_instance (study_fk, instance_id, marks) VALUES (?, ?, ?)');
    this.#drop = db.prepare('DELETE FROM marked_instance WHERE instance_id = ?');
    this.#dropStudy = db.prepare('DELETE FROM marked_instance WHERE study_fk = ?');
  }

  /** A Series Instance UID that is used twice is no single object's fault: of that mark no instance is kept, so that it stays. */
  note(instanceId: number, studyFk: number, marks: number): void {
    const own = marks & ~STUDY_MARK.SERIES_IN_SEVERAL_STUDIES;
    if (own !== 0) this.#insert.run(studyFk, instanceId, own);
  }

  drop(instanceId: number): void {
    this.#drop.run(instanceId);
  }

  dropStudy(studyFk: number): void {
    this.#dropStudy.run(studyFk);
  }
}
