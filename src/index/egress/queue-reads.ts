import { packUid } from '../packed-uid.ts';
import type { StatementCache } from '../reader/statement-cache.ts';
import type { JobPriority, QueueJob } from './egress-types.ts';
import { JOB, jobOf } from './job-rows.ts';
import { NOTE_WAITS } from './job-state-table.ts';
import type { JobState } from './job-state-table.ts';
import { OPEN } from './open-jobs.ts';

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
    .get(`SELECT ${JOB} FROM egress_job j WHERE j.state = 'COMPLETE' AND j.${OPEN} ORDER BY j.next_attempt_at LIMIT ?`)
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
const DUE = `WITH RECURSIVE sources(source) AS (
  SELECT * FROM (SELECT source FROM egress_job WHERE destination = @destination AND state = @state AND priority = @priority
    ORDER BY source LIMIT 1)
  UNION ALL
  SELECT (SELECT n.source FROM egress_job n WHERE n.destination = @destination AND n.state = @state AND n.priority = @priority
    AND n.source > sources.source ORDER BY n.source LIMIT 1) FROM sources WHERE sources.source IS NOT NULL
)
SELECT ${JOB} FROM sources JOIN egress_job j ON j.id IN (
  SELECT d.id FROM egress_job d WHERE d.destination = @destination AND d.state = @state AND d.priority = @priority
  AND d.source = sources.source AND d.next_attempt_at <= @at
  AND (@without = '[]' OR d.calling_aet NOT IN (SELECT value FROM json_each(@without))) AND NOT EXISTS (
    SELECT 1 FROM egress_job b WHERE b.study_instance_uid = d.study_instance_uid AND b.destination = d.destination
    AND b.version < d.version AND b.state NOT IN ('ARCHIVED', 'WITHDRAWN')
    AND NOT (b.state = 'QUEUED' AND b.last_code = '${NOTE_WAITS}'))
  ORDER BY d.next_attempt_at LIMIT @perSource)
WHERE sources.source IS NOT NULL ORDER BY j.next_attempt_at`;

const PRIORITIES: readonly JobPriority[] = [0, 1, 2];
/** What is nearly archived goes first. */
const RUNNABLE: readonly JobState[] = ['MANIFEST_SENT', 'COMMITTED', 'SENT', 'COMMIT_PENDING', 'QUEUED'];

export interface DueQuery {
  readonly destination: string;
  readonly at: number;
  /** So many of each source, state and priority at most. */
  readonly perSource: number;
  /** Not those of these calling AE titles. */
  readonly without: readonly string[];
}

/**
 * Due jobs in the order of priority and state, those of every source that has some. A version waits until those before it have
 * ended, so that nothing overtakes: a rejection note comes after its objects. One that has only notes left is passed by what these wait for.
 */
export function queueDue(statements: StatementCache, query: DueQuery): QueueJob[] {
  return PRIORITIES.flatMap((priority) =>
    RUNNABLE.flatMap((state) =>
      statements
        .get(DUE)
        .all({ ...query, without: JSON.stringify(query.without), state, priority })
        .map(jobOf),
    ),
  );
}

/** What there is to do at a moment, so that nothing is written when there is nothing. */
export interface QueueWork {
  readonly changed: boolean;
  readonly quiet: boolean;
  readonly toJudge: boolean;
  readonly reports: boolean;
}

export function queueWork(statements: StatementCache, at: number, quietMs: number): QueueWork {
  const any = (sql: string, ...values: unknown[]): boolean => statements.get(sql).get(...values) !== undefined;
  return {
    changed: any('SELECT 1 FROM egress_changed WHERE opened = 0 LIMIT 1'),
    quiet: any(
      `SELECT 1 FROM egress_changed c LEFT JOIN study t ON t.study_instance_uid = c.study_instance_uid
       WHERE c.opened = 1 AND COALESCE(t.last_received_at, 0) <= ? LIMIT 1`,
      at - quietMs,
    ),
    toJudge: any(`SELECT 1 FROM egress_job WHERE state = 'COMPLETE' AND ${OPEN} LIMIT 1`),
    reports: any("SELECT 1 FROM egress_report WHERE outcome = '' LIMIT 1"),
  };
}

export interface JoblessStudies {
  /** Whether one of them has no job for one of the destinations. */
  readonly lacking: boolean;
  /** The row of the last one; null when there was none. */
  readonly last: number | null;
}

/** Looks at so many studies in the order of their rows. */
export function queueJobless(
  statements: StatementCache,
  after: number,
  limit: number,
  destinations: readonly string[],
): JoblessStudies {
  const row = statements
    .get(
      `SELECT max(t.id), COALESCE(max(EXISTS (SELECT 1 FROM json_each(?) d WHERE NOT EXISTS (SELECT 1 FROM egress_job j
         WHERE j.study_instance_uid = t.study_instance_uid AND j.destination = d.value))), 0)
       FROM (SELECT id, study_instance_uid FROM study WHERE id > ? ORDER BY id LIMIT ?) t`,
    )
    .get(JSON.stringify(destinations), after, limit);
  return { lacking: row?.[1] === 1, last: row === undefined || row[0] === null ? null : Number(row[0]) };
}

/** Changes whenever any connection commits; the same reader must be asked. */
export function dataVersion(statements: StatementCache): number {
  return Number(statements.get('PRAGMA data_version').get()?.[0]);
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
    .get(`SELECT min(next_attempt_at) FROM egress_job WHERE state IN ('RETRY_WAIT', 'COMMIT_PENDING') AND ${OPEN}`)
    .get()?.[0];
  const moments = [
    quiet === null || quiet === undefined ? Infinity : Number(quiet) + quietMs,
    waiting === null || waiting === undefined ? Infinity : Number(waiting),
  ];
  const next = Math.min(...moments);
  return Number.isFinite(next) ? next : null;
}
