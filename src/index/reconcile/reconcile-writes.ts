import type { SqliteDatabase } from '../database.ts';
import { packUid } from '../packed-uid.ts';
import { SqlRunner } from '../writer/sql-runner.ts';
import type { ReconcileResult } from './reconcile-types.ts';

/** Changes that asking the archive again makes. */
export function reconcileWrites(db: SqliteDatabase) {
  const sql = new SqlRunner(db);
  return {
    /**
     * Keeps what came of it, and with `again` gives the study a further version that carries exactly these instances once more. The number
     * that goes again: 0 when a version of it is on its way, which may carry them.
     */
    reconcileDone: (result: ReconcileResult, again: readonly string[]): number => {
      keep(sql, result);
      return again.length === 0 ? 0 : topUp(sql, result, again);
    },
  };
}

function keep(sql: SqlRunner, result: ReconcileResult): void {
  const { studyInstanceUid, destination, at, expected, missing, lost, problem } = result;
  sql.run(
    `INSERT INTO egress_reconciled (study_instance_uid, destination, at, expected, missing, lost, problem) VALUES (?, ?, ?, ?, ?, ?, ?)
     ON CONFLICT DO UPDATE SET at = excluded.at, expected = excluded.expected, missing = excluded.missing, lost = excluded.lost,
     problem = excluded.problem`,
    packUid(studyInstanceUid),
    destination,
    at,
    expected,
    missing,
    lost,
    problem,
  );
}

function topUp(
  sql: SqlRunner,
  { studyInstanceUid, destination, at }: ReconcileResult,
  again: readonly string[],
): number {
  const studyUid = packUid(studyInstanceUid);
  const open = sql.row(
    `SELECT 1 FROM egress_job WHERE study_instance_uid = ? AND destination = ? AND state NOT IN ('ARCHIVED', 'WITHDRAWN')`,
    studyUid,
    destination,
  );
  if (open !== undefined) return 0;
  const [jobId] =
    sql.row(
      `INSERT INTO egress_job (study_instance_uid, version, destination, state, priority, source, controller, content_type, calling_aet,
       next_attempt_at, created_at, updated_at)
       SELECT study_instance_uid, version + 1, destination, 'COMPLETE', 1, source, controller, content_type, calling_aet, ?, ?, ?
       FROM egress_job WHERE study_instance_uid = ? AND destination = ? ORDER BY version DESC LIMIT 1 RETURNING id`,
      at,
      at,
      at,
      studyUid,
      destination,
    ) ?? [];
  if (jobId === undefined) return 0;
  sql.run(
    `INSERT INTO egress_transition (job_id, at, from_state, to_state, actor, code, reason)
     VALUES (?, ?, 'COMPLETE', 'COMPLETE', 'egress', 'MISSING_IN_ARCHIVE', ?)`,
    jobId,
    at,
    `the archive does not show ${again.length} objects that it had committed to`,
  );
  let gone = 0;
  for (const uid of again) {
    gone += sql.run(
      `INSERT INTO egress_instance (job_id, sop_instance_uid, series_instance_uid, sop_class_uid, transfer_syntax_uid, sha256, size, received_at,
         received_from, state, correction_id)
       SELECT ?, e.sop_instance_uid, e.series_instance_uid, e.sop_class_uid, e.transfer_syntax_uid, e.sha256, e.size, e.received_at, e.received_from,
         'PENDING', e.correction_id FROM egress_instance e JOIN egress_job j ON j.id = e.job_id
       WHERE e.sop_instance_uid = ? AND j.study_instance_uid = ? AND j.destination = ? ORDER BY e.job_id DESC LIMIT 1`,
      jobId,
      packUid(uid),
      studyUid,
      destination,
    );
  }
  return gone;
}
