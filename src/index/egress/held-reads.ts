import { unpackUid } from '../packed-uid.ts';
import type { StatementCache } from '../reader/statement-cache.ts';
import { OPEN } from './open-jobs.ts';

/** Held studies that have a cause in common. */
export interface HeldGroup {
  readonly code: string;
  readonly studies: number;
  /** Of the one that has waited longest. */
  readonly cause: string;
  readonly remedy: string;
  /** What most of them wait for. */
  readonly subjects: readonly { readonly subject: string; readonly studies: number }[];
  readonly oldestAt: number;
  /** Study Instance UIDs, the longest waiting first. */
  readonly examples: readonly string[];
}

const LISTED = 3;
const RELEASE = 'look at it, then: kuva queue release STUDY';

/** The work list of what is held: a study with several causes is in several groups. The largest group first. */
export function queueHeld(statements: StatementCache): HeldGroup[] {
  const found = statements
    .get(
      `SELECT f.code, count(DISTINCT j.study_instance_uid), f.cause, f.remedy, min(j.created_at) FROM egress_job j JOIN egress_finding f ON f.job_id = j.id
       WHERE j.state = 'HELD' AND j.${OPEN} AND f.severity = 'error' GROUP BY f.code`,
    )
    .all()
    .map((row): HeldGroup => ({
      code: String(row[0]),
      studies: Number(row[1]),
      cause: String(row[2]),
      remedy: String(row[3]),
      oldestAt: Number(row[4]),
      subjects: statements
        .get(
          `SELECT f.subject, count(DISTINCT f.job_id) AS jobs FROM egress_finding f JOIN egress_job j ON j.id = f.job_id
           WHERE f.code = ? AND j.state = 'HELD' AND f.severity = 'error' AND f.subject <> '' GROUP BY f.subject ORDER BY jobs DESC, f.subject LIMIT ?`,
        )
        .all(row[0], LISTED)
        .map(([subject, studies]) => ({ subject: String(subject), studies: Number(studies) })),
      examples: studiesOf(
        statements
          .get(
            `SELECT DISTINCT j.study_instance_uid FROM egress_finding f JOIN egress_job j ON j.id = f.job_id WHERE f.code = ? AND j.state = 'HELD'
             AND f.severity = 'error' ORDER BY j.created_at LIMIT ?`,
          )
          .all(row[0], LISTED),
      ),
    }));
  return [...found, ...heldWithoutFinding(statements)].sort(
    (a, b) => b.studies - a.studies || (a.code < b.code ? -1 : 1),
  );
}

// By an operator, or by a runner that had no more to say than a reason.
function heldWithoutFinding(statements: StatementCache): HeldGroup[] {
  const without = `j.state = 'HELD' AND j.${OPEN} AND NOT EXISTS
    (SELECT 1 FROM egress_finding f WHERE f.job_id = j.id AND f.severity = 'error')`;
  return statements
    .get(
      `SELECT j.last_code, count(DISTINCT j.study_instance_uid), j.last_reason, min(j.created_at) FROM egress_job j WHERE ${without} GROUP BY j.last_code`,
    )
    .all()
    .map((row) => ({
      code: String(row[0]),
      studies: Number(row[1]),
      cause: String(row[2]),
      remedy: RELEASE,
      subjects: [],
      oldestAt: Number(row[3]),
      examples: studiesOf(
        statements
          .get(
            `SELECT DISTINCT j.study_instance_uid FROM egress_job j WHERE ${without} AND j.last_code = ? ORDER BY j.created_at LIMIT ?`,
          )
          .all(row[0], LISTED),
      ),
    }));
}

function studiesOf(rows: readonly (readonly unknown[])[]): string[] {
  return rows.map((row) => unpackUid(row[0] as Buffer));
}
