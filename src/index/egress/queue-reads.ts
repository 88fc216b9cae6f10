import { packUid } from '../packed-uid.ts';
import type { StatementCache } from '../reader/statement-cache.ts';
import type { QueueJob } from './egress-types.ts';
import { JOB, jobOf } from './job-rows.ts';

export function queueJob(statements: StatementCache, jobId: number): QueueJob | undefined {
  const row = statements.get(`SELECT ${JOB} FROM egress_job j WHERE j.id = ?`).get(jobId);
  return row === undefined ? undefined : jobOf(row);
}

/** Every version of a study's way to every destination. */
export function queueJobsOfStudy(statements: StatementCache, studyInstanceUid: string): QueueJob[] {
  return statements
    .get(`SELECT ${JOB} FROM egress_job j WHERE j.study_instance_uid = ? ORDER BY j.destination, j.version`)
    .all(packUid(studyInstanceUid) ?? Buffer.alloc(0))
    .map(jobOf);
}

/** Jobs whose readiness is to be looked at, oldest first. */
export function queueToJudge(statements: StatementCache, limit: number): QueueJob[] {
  return statements
    .get(`SELECT ${JOB} FROM egress_job j WHERE j.state = 'COMPLETE' ORDER BY j.created_at LIMIT ?`)
    .all(limit)
    .map(jobOf);
}

/** Jobs in RETRY_WAIT whose time has come. */
export function queueWaitedEnough(
  statements: StatementCache,
  destination: string,
  at: number,
  limit: number,
): QueueJob[] {
  return statements
    .get(
      `SELECT ${JOB} FROM egress_job j WHERE j.destination = ? AND j.state = 'RETRY_WAIT' AND j.priority BETWEEN 0 AND 2
       AND j.next_attempt_at <= ? LIMIT ?`,
    )
    .all(destination, at, limit)
    .map(jobOf);
}

// The sources of one priority are few: each is found by one step in the index, however many jobs it has.
const SOURCES = `WITH RECURSIVE sources(source) AS (
  SELECT * FROM (SELECT source FROM egress_job WHERE destination = @destination AND state = @state AND priority = @priority
    ORDER BY source LIMIT 1)
  UNION ALL
  SELECT (SELECT n.source FROM egress_job n WHERE n.destination = @destination AND n.state = @state AND n.priority = @priority
    AND n.source > sources.source ORDER BY n.source LIMIT 1) FROM sources WHERE sources.source IS NOT NULL
)`;

export interface DueQuery {
  readonly destination: string;
  readonly state: QueueJob['state'];
  readonly priority: QueueJob['priority'];
  readonly at: number;
  readonly perSource: number;
}

/**
 * Due jobs of one state and priority, the longest waiting of each source. A version waits until those before it have ended, so that
 * nothing overtakes: a rejection note comes after its objects.
 */
export function queueDue(statements: StatementCache, query: DueQuery): QueueJob[] {
  return statements
    .get(
      `${SOURCES} SELECT ${JOB} FROM sources JOIN egress_job j ON j.id IN (
         SELECT d.id FROM egress_job d WHERE d.destination = @destination AND d.state = @state AND d.priority = @priority
         AND d.source = sources.source AND d.next_attempt_at <= @at AND NOT EXISTS (
           SELECT 1 FROM egress_job b WHERE b.study_instance_uid = d.study_instance_uid AND b.destination = d.destination
           AND b.version < d.version AND b.state NOT IN ('ARCHIVED', 'WITHDRAWN'))
         ORDER BY d.next_attempt_at LIMIT @perSource)
       WHERE sources.source IS NOT NULL ORDER BY j.next_attempt_at`,
    )
    .all(query)
    .map(jobOf);
}

/** The next moment at which something is due without anything new, in ms; null for none. */
export function queueNextDue(statements: StatementCache, quietMs: number): number | null {
  const quiet = statements
    .get(
      `SELECT min(COALESCE(t.last_received_at, 0)) FROM egress_changed c LEFT JOIN study t ON t.study_instance_uid = c.study_instance_uid
       WHERE c.opened = 1`,
    )
    .get()?.[0];
  const waiting = statements
    .get(
      `SELECT min(next_attempt_at) FROM egress_job WHERE state IN ('RETRY_WAIT', 'COMMIT_PENDING') AND state NOT IN ('ARCHIVED', 'WITHDRAWN')`,
    )
    .get()?.[0];
  const moments = [
    quiet === null || quiet === undefined ? Infinity : Number(quiet) + quietMs,
    waiting === null || waiting === undefined ? Infinity : Number(waiting),
  ];
  const next = Math.min(...moments);
  return Number.isFinite(next) ? next : null;
}
