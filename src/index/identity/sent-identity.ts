import type { SqlRunner } from '../writer/sql-runner.ts';

/** Of a row `e` of a job `j`: an archive may have it. While a job is sent, up to a batch of answers is not written down. */
const MAY_BE_THERE = "(e.sends > 0 OR j.state = 'SENDING')";

/** Whether archives have, or may have, a study under another patient than it has now. */
export class SentIdentity {
  readonly #sql: SqlRunner;

  constructor(sql: SqlRunner) {
    this.#sql = sql;
  }

  /**
   * A correction of the study has come into force. What no archive can have yet goes out under it; a job that has begun goes on as it began,
   * and what it sends is corrected with the rest.
   */
  changed(studyUid: Buffer, correctionId: number): void {
    this.#sendAs(studyUid, correctionId);
    if (this.#hasGone(studyUid))
      this.#sql.run(
        'INSERT OR IGNORE INTO identity_sent (study_instance_uid, correction_id) VALUES (?, ?)',
        studyUid,
        correctionId,
      );
  }

  /** Whether nothing has gone under this correction, and nobody has had an archive mended because of it. */
  wasNever(studyUid: Buffer, correctionId: number): boolean {
    const sent = this.#sql.row(
      `SELECT 1 FROM egress_job j JOIN egress_instance e ON e.job_id = j.id WHERE j.study_instance_uid = ? AND e.correction_id = ?
       AND ${MAY_BE_THERE} LIMIT 1`,
      studyUid,
      correctionId,
    );
    return sent === undefined && (this.isAsOther(studyUid) || !this.#hasGone(studyUid));
  }

  /** A correction under which nothing has gone is no longer in force, but `previous` is (null: none). */
  takenBack(studyUid: Buffer, correctionId: number, previous: number | null): void {
    this.#sendAs(studyUid, previous);
    this.#sql.run(
      'DELETE FROM identity_sent WHERE study_instance_uid = ? AND correction_id = ?',
      studyUid,
      correctionId,
    );
  }

  isAsOther(studyUid: Buffer): boolean {
    return this.#sql.row('SELECT 1 FROM identity_sent WHERE study_instance_uid = ?', studyUid) !== undefined;
  }

  #hasGone(studyUid: Buffer): boolean {
    return (
      this.#sql.row(
        `SELECT 1 FROM egress_job j JOIN egress_instance e ON e.job_id = j.id WHERE j.study_instance_uid = ? AND ${MAY_BE_THERE} LIMIT 1`,
        studyUid,
      ) !== undefined
    );
  }

  #sendAs(studyUid: Buffer, correctionId: number | null): void {
    this.#sql.run(
      `UPDATE egress_instance SET correction_id = ? WHERE job_id IN (SELECT j.id FROM egress_job j WHERE j.study_instance_uid = ?
         AND NOT EXISTS (SELECT 1 FROM egress_instance e WHERE e.job_id = j.id AND ${MAY_BE_THERE}))`,
      correctionId,
      studyUid,
    );
  }
}
