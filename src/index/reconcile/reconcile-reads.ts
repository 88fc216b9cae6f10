import { packUid, unpackUid } from '../packed-uid.ts';
import { isRejected } from '../rejections/rejected-sql.ts';
import type { Cell, StatementCache } from '../reader/statement-cache.ts';
import type { ReconcilableStudy, ReconcileResult, ReconcileSummary } from './reconcile-types.ts';

// Of a study on its way nobody can say yet what the archive must have.
const STUDIES = `SELECT j.id, j.study_instance_uid, j.destination,
  (SELECT l.calling_aet FROM egress_job l WHERE l.study_instance_uid = j.study_instance_uid AND l.destination = j.destination
    ORDER BY l.version DESC LIMIT 1), r.at
  FROM egress_job j LEFT JOIN egress_reconciled r ON r.study_instance_uid = j.study_instance_uid AND r.destination = j.destination
  WHERE j.id > ? AND j.state = 'ARCHIVED' AND COALESCE(r.at, 0) < ? AND (? IS NULL OR j.study_instance_uid = ?)
  AND (j.version = 1 OR NOT EXISTS (SELECT 1 FROM egress_job p WHERE p.study_instance_uid = j.study_instance_uid
    AND p.destination = j.destination AND p.version < j.version AND p.state = 'ARCHIVED'))
  AND NOT EXISTS (SELECT 1 FROM egress_job o WHERE o.study_instance_uid = j.study_instance_uid AND o.destination = j.destination
    AND o.state NOT IN ('ARCHIVED', 'WITHDRAWN'))
  ORDER BY j.id LIMIT ?`;

// What is rejected is hidden at the archive as well, and so may the notes be.
const INSTANCES = `SELECT e.sop_instance_uid, e.series_instance_uid,
  EXISTS (SELECT 1 FROM evicted_instance v WHERE v.sop_instance_uid = e.sop_instance_uid AND v.file_gone = 1)
  FROM egress_job j JOIN egress_instance e ON e.job_id = j.id
  WHERE j.study_instance_uid = ? AND j.destination = ? AND e.state = 'COMMITTED' AND e.is_rejection_note = 0
  AND NOT ${isRejected('e.sop_instance_uid')}
  GROUP BY e.sop_instance_uid ORDER BY e.series_instance_uid, e.sop_instance_uid`;

/** Archived studies that were not asked about since `before` (ms), from after job `after`; one study alone when it is given. */
export function reconcilable(
  statements: StatementCache,
  after: number,
  before: number,
  studyInstanceUid: string | null,
  limit: number,
): ReconcilableStudy[] {
  const studyUid = studyInstanceUid === null ? null : (packUid(studyInstanceUid) ?? Buffer.alloc(0));
  return statements
    .get(STUDIES)
    .all(after, before, studyUid, studyUid, limit)
    .map((row) => ({
      jobId: Number(row[0]),
      studyInstanceUid: unpackUid(row[1] as Buffer),
      destination: String(row[2]),
      callingAet: String(row[3]),
      askedAt: row[4] === null ? null : Number(row[4]),
      instances: statements
        .get(INSTANCES)
        .all(row[1], row[2])
        .map((each) => ({
          sopInstanceUid: unpackUid(each[0] as Buffer),
          seriesInstanceUid: unpackUid(each[1] as Buffer),
          evicted: each[2] === 1,
        })),
    }));
}

export function reconcileSummaries(statements: StatementCache): ReconcileSummary[] {
  return statements
    .get(
      `SELECT destination, count(*), sum(missing = 0 AND problem = ''), sum(missing > lost), sum(lost > 0), sum(problem <> ''), min(at), max(at)
       FROM egress_reconciled GROUP BY destination ORDER BY destination`,
    )
    .all()
    .map((row) => ({
      destination: String(row[0]),
      studies: Number(row[1]),
      whole: Number(row[2]),
      toppedUp: Number(row[3]),
      lost: Number(row[4]),
      notAsked: Number(row[5]),
      oldest: row[6] === null ? null : Number(row[6]),
      newest: row[7] === null ? null : Number(row[7]),
    }));
}

/** Studies of which something was missing, or about which the archive could not be asked; newest first. */
export function reconcileOdd(statements: StatementCache, limit: number): ReconcileResult[] {
  return statements
    .get(
      `SELECT study_instance_uid, destination, at, expected, missing, lost, problem FROM egress_reconciled WHERE missing > 0 OR problem <> ''
       ORDER BY at DESC LIMIT ?`,
    )
    .all(limit)
    .map(resultOf);
}

function resultOf(row: readonly Cell[]): ReconcileResult {
  return {
    studyInstanceUid: unpackUid(row[0] as Buffer),
    destination: String(row[1]),
    at: Number(row[2]),
    expected: Number(row[3]),
    missing: Number(row[4]),
    lost: Number(row[5]),
    problem: String(row[6]),
  };
}
