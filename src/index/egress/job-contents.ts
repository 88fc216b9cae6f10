import { UID } from '../../dicom/uids.ts';
import { inForce } from '../identity/stored-identity.ts';
import { packUid } from '../packed-uid.ts';
import { isRejected } from '../rejections/rejected-sql.ts';
import type { SqlRunner } from '../writer/sql-runner.ts';
import type { QueueJob } from './egress-types.ts';
import { GOES_BEFORE_A_NOTE, REFUSED } from './going-rejected.ts';

/** Rejection notes (IHE RAD TF-3 4.66.4.1.3): for quality, patient safety, incorrect worklist entry, retention expired. */
export const REJECTION_CODES = ['113001', '113037', '113038', '113039'];

/** A row `e` of an instance that was left out because it was rejected, which has been undone. */
export const TAKEN_BACK = `(e.state = 'WITHDRAWN' AND e.sends = 0 AND NOT ${isRejected('e.sop_instance_uid')}
  AND EXISTS (SELECT 1 FROM rejection u WHERE u.sop_instance_uid = e.sop_instance_uid AND u.reverted_at IS NOT NULL))`;

const INSTANCES = `FROM study t JOIN series s ON s.study_fk = t.id JOIN instance i ON i.series_fk = s.id
  WHERE t.study_instance_uid = @study`;

/** Rows `e` of an instance in the jobs of the same way. */
const carriedBy = (
  condition: string,
): string => `EXISTS (SELECT 1 FROM egress_instance e JOIN egress_job o ON o.id = e.job_id
  WHERE e.sop_instance_uid = i.sop_instance_uid AND o.destination = @destination AND o.study_instance_uid = t.study_instance_uid
  AND ${condition})`;

// What no job of the same way has, in whatever state, under the patient that the study has now: once is enough.
const MISSING = `NOT ${carriedBy(`e.correction_id IS ${inForce('id', 't.study_instance_uid')} AND NOT ${TAKEN_BACK}`)}`;

// What was left out before it went, by whichever job, and must go now because of a note that has come since.
const WANTED_AFTER_ALL = `i.sop_instance_uid IN (${GOES_BEFORE_A_NOTE})
  AND ${carriedBy('true')} AND NOT ${carriedBy("NOT (e.state = 'WITHDRAWN' AND e.sends = 0)")}`;

/** Which instances a job carries. */
export class JobContents {
  readonly #sql: SqlRunner;

  constructor(sql: SqlRunner) {
    this.#sql = sql;
  }

  /** Whether the study has an instance that no version for this destination carries. */
  isMissing(studyUid: Buffer, destination: string): boolean {
    const way = { study: studyUid, destination };
    return this.#sql.row(`SELECT 1 ${INSTANCES} AND ${MISSING} LIMIT 1`, way) !== undefined;
  }

  /** Adds what no version carries, leaves out what was rejected before it went; the instances in all, and those that wait to be sent. */
  gather(job: QueueJob): { instances: number; pending: number } {
    this.#add(job, MISSING);
    if (this.mayBeRejected()) this.#add(job, WANTED_AFTER_ALL);
    return this.leaveOutRejected(job);
  }

  #add(job: QueueJob, which: string): void {
    this.#sql.run(
      `INSERT INTO egress_instance (job_id, sop_instance_uid, series_instance_uid, sop_class_uid, transfer_syntax_uid, sha256, size, received_at,
         received_from, is_rejection_note, state, correction_id)
       SELECT @job, m.sop_instance_uid, m.series_instance_uid, c.uid, x.uid, m.sha256, m.size, m.received_at, n.aet,
         c.uid = @keyObjects AND COALESCE(k.scheme = 'DCM' AND k.value IN (SELECT value FROM json_each(@codes)), 0), 'PENDING', m.correction_id
       FROM (SELECT ${inForce('id', 't.study_instance_uid')} AS correction_id, i.sop_instance_uid, s.series_instance_uid, i.sha256, i.size, i.received_at, i.sop_class_id, i.transfer_syntax_id, i.sender_id,
         i.concept_code_id ${INSTANCES} AND ${which}) m
       JOIN sop_class c ON c.id = m.sop_class_id JOIN transfer_syntax x ON x.id = m.transfer_syntax_id
       JOIN sender n ON n.id = m.sender_id LEFT JOIN code k ON k.id = m.concept_code_id WHERE true
       ON CONFLICT (job_id, sop_instance_uid) DO UPDATE SET state = 'PENDING', correction_id = excluded.correction_id`,
      {
        job: job.id,
        keyObjects: UID.KeyObjectSelectionDocumentStorage,
        codes: JSON.stringify(REJECTION_CODES),
        study: packUid(job.studyInstanceUid),
        destination: job.destination,
      },
    );
  }

  /**
   * A rejected object that never went, or that the archive has refused for good, never goes, but for one that a note names together with
   * something that went: that note can only go behind it. A note need not go either when the archive can have nothing that it names; of
   * what the queue has never seen the archive may know from elsewhere. Gives the instances that are left, and those of them that wait to
   * be sent.
   */
  leaveOutRejected(job: QueueJob): { instances: number; pending: number } {
    this.#sql.run(
      `UPDATE egress_instance AS e SET state = 'WITHDRAWN' WHERE e.job_id = @job AND e.is_rejection_note = 0 AND ${isRejected('e.sop_instance_uid')}
       AND (e.state = 'FAILED' AND ${REFUSED} OR e.state = 'PENDING' AND e.sends = 0 AND e.sop_instance_uid NOT IN (${GOES_BEFORE_A_NOTE}))`,
      { job: job.id, destination: job.destination },
    );
    this.#sql.run(
      `UPDATE egress_instance SET state = 'WITHDRAWN' WHERE job_id = ? AND state = 'PENDING' AND sends = 0 AND is_rejection_note = 1
       AND EXISTS (SELECT 1 FROM rejection r WHERE r.note_uid = egress_instance.sop_instance_uid)
       AND NOT EXISTS (SELECT 1 FROM rejection r WHERE r.note_uid = egress_instance.sop_instance_uid AND (
         SELECT COALESCE(sum(e.state <> 'WITHDRAWN' OR (e.sends > 0 AND NOT ${REFUSED})), 1) FROM egress_instance e
         JOIN egress_job o ON o.id = e.job_id WHERE e.sop_instance_uid = r.sop_instance_uid AND o.destination = ?) > 0)`,
      job.id,
      job.destination,
    );
    const [instances, bytes, pending] = this.#sql.row(
      `SELECT count(*), COALESCE(sum(size), 0), COALESCE(sum(state IN ('PENDING', 'FAILED')), 0) FROM egress_instance
       WHERE job_id = ? AND state <> 'WITHDRAWN'`,
      job.id,
    ) ?? [0, 0, 0];
    this.#sql.run('UPDATE egress_job SET instances = ?, bytes = ? WHERE id = ?', instances, bytes, job.id);
    return { instances: Number(instances), pending: Number(pending) };
  }

  /** Most organisations have no rejection note at all: then nothing needs to be looked at. */
  mayBeRejected(): boolean {
    return this.#sql.row('SELECT 1 FROM rejection LIMIT 1') !== undefined;
  }

  /** What was never sent never goes; rows that are made for it keep later versions from carrying it. */
  withdraw(job: QueueJob): void {
    this.gather(job);
    this.#sql.run(
      "UPDATE egress_instance SET state = 'WITHDRAWN' WHERE job_id = ? AND state IN ('PENDING', 'FAILED')",
      job.id,
    );
  }

  /** How many instances of a job are in none of these states. */
  countOutside(jobId: number, states: readonly string[]): number {
    const row = this.#sql.row(
      `SELECT count(*) FROM egress_instance WHERE job_id = ? AND state NOT IN (${states.map(() => '?').join(', ')})`,
      jobId,
      ...states,
    );
    return Number(row?.[0] ?? 0);
  }

  sendFailedAgain(jobId: number): void {
    this.#sql.run("UPDATE egress_instance SET state = 'PENDING' WHERE job_id = ? AND state = 'FAILED'", jobId);
  }

  /** While they are sent up to a batch of answers is not written down: any of them may have gone. */
  mayHaveGone(jobId: number): void {
    this.#sql.run("UPDATE egress_instance SET sends = 1 WHERE job_id = ? AND state = 'PENDING' AND sends = 0", jobId);
  }

  hasBegun(jobId: number): boolean {
    return this.#sql.row('SELECT 1 FROM egress_instance WHERE job_id = ? AND sends > 0 LIMIT 1', jobId) !== undefined;
  }
}
