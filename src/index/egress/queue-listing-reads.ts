import { packUid } from '../packed-uid.ts';
import type { StatementCache } from '../reader/statement-cache.ts';
import type { QueueJob } from './egress-types.ts';
import { JOB, jobOf } from './job-rows.ts';
import type { JobState } from './job-state-table.ts';
import { OPEN } from './open-jobs.ts';

const OPEN_OF_ONE = `egress_job INDEXED BY egress_job_open WHERE ${OPEN} AND destination = ?`;

export interface QueueListQuery {
  readonly limit: number;
  readonly state?: JobState;
  readonly destination?: string;
  readonly source?: string;
  /** Held or failed with this code. */
  readonly code?: string;
  /** Also those that have ended. */
  readonly ended?: boolean;
}

/** Jobs, the oldest first. */
export function queueList(statements: StatementCache, query: QueueListQuery): QueueJob[] {
  const ended = query.ended === true || query.state === 'ARCHIVED' || query.state === 'WITHDRAWN';
  const from = ended ? 'egress_job j WHERE 1' : `egress_job j INDEXED BY egress_job_open WHERE j.${OPEN}`;
  const clauses = ['j.destination = ?'];
  const values: unknown[] = [];
  for (const [sql, value] of [
    ['j.state = ?', query.state],
    ['j.source = ?', query.source],
  ] as const) {
    if (value === undefined) continue;
    clauses.push(sql);
    values.push(value);
  }
  if (query.code !== undefined) {
    clauses.push('(j.last_code = ? OR EXISTS (SELECT 1 FROM egress_finding f WHERE f.code = ? AND f.job_id = j.id))');
    values.push(query.code, query.code);
  }
  const sql = `SELECT ${JOB} FROM ${from} AND ${clauses.join(' AND ')} ORDER BY j.created_at LIMIT ?`;
  // The jobs of one destination lie in the order of their age; there are few destinations.
  const destinations = query.destination === undefined ? destinationsOf(statements) : [query.destination];
  return destinations
    .flatMap((destination) => statements.get(sql).all(destination, ...values, query.limit))
    .map(jobOf)
    .sort((a, b) => a.createdAt - b.createdAt || a.id - b.id)
    .slice(0, query.limit);
}

function destinationsOf(statements: StatementCache): string[] {
  return statements
    .get('SELECT DISTINCT destination FROM egress_depth ORDER BY destination')
    .all()
    .map(([destination]) => String(destination));
}

export interface QueueDepth {
  readonly destination: string;
  readonly state: JobState;
  readonly jobs: number;
}

/** Kept counts of jobs by destination and state; none that is zero. */
export function queueDepths(statements: StatementCache): QueueDepth[] {
  return statements
    .get('SELECT destination, state, jobs FROM egress_depth WHERE jobs > 0 ORDER BY destination, state')
    .all()
    .map((row) => ({ destination: String(row[0]), state: String(row[1]) as JobState, jobs: Number(row[2]) }));
}

/** Studies that were added to and that no engine has seen yet. */
export function queueUnseen(statements: StatementCache): number {
  return Number(statements.get('SELECT count(*) FROM egress_changed WHERE opened = 0').get()?.[0]);
}

/** When the oldest job of each destination that has not ended was made, in ms since 1970. */
export function queueOldest(
  statements: StatementCache,
): { readonly destination: string; readonly createdAt: number }[] {
  return destinationsOf(statements).flatMap((destination) => {
    const [createdAt] = statements.get(`SELECT min(created_at) FROM ${OPEN_OF_ONE}`).get(destination) ?? [];
    return createdAt === null || createdAt === undefined ? [] : [{ destination, createdAt: Number(createdAt) }];
  });
}

/** Jobs that have not ended and whose deadline has passed, by destination. */
export function queueOverdue(
  statements: StatementCache,
  at: number,
): { readonly destination: string; readonly jobs: number }[] {
  return destinationsOf(statements).map((destination) => {
    const [jobs] =
      statements
        .get(`SELECT count(*) FROM egress_job WHERE ${OPEN} AND destination = ? AND deadline_at < ?`)
        .get(destination, at) ?? [];
    return { destination, jobs: Number(jobs) };
  });
}

export interface ShapeRow {
  readonly destination: string;
  readonly jobs: number;
  /** How many are younger than each bound, and not younger than the one before; the last one has the rest. */
  readonly byAge: readonly number[];
}

/** Jobs that have not ended by destination and age; `bounds` are ascending ages in ms. */
export function queueShape(statements: StatementCache, at: number, bounds: readonly number[]): ShapeRow[] {
  const count = `SELECT count(*) FROM ${OPEN_OF_ONE} AND created_at > ? AND created_at <= ?`;
  const edges = [Number.MAX_SAFE_INTEGER, ...bounds.map((bound) => at - bound), Number.MIN_SAFE_INTEGER];
  return destinationsOf(statements)
    .map((destination) => {
      const byAge = edges
        .slice(1)
        .map((from, i) => Number(statements.get(count).get(destination, from, edges[i])?.[0] ?? 0));
      return { destination, jobs: byAge.reduce((sum, jobs) => sum + jobs, 0), byAge };
    })
    .filter(({ jobs }) => jobs > 0);
}

export interface FailureCount {
  readonly destination: string;
  readonly toState: JobState;
  readonly code: string;
  readonly times: number;
}

/** Since the beginning, by code. */
export function queueFailures(statements: StatementCache): FailureCount[] {
  return statements
    .get('SELECT destination, to_state, code, times FROM egress_failure ORDER BY destination, to_state, code')
    .all()
    .map((row) => ({
      destination: String(row[0]),
      toState: String(row[1]) as JobState,
      code: String(row[2]),
      times: Number(row[3]),
    }));
}

export interface InstanceCount {
  readonly jobId: number;
  readonly state: string;
  readonly instances: number;
  readonly bytes: number;
}

/** What the jobs of a study carry, by state of the instances. */
export function queueInstanceCounts(statements: StatementCache, studyInstanceUid: string): InstanceCount[] {
  return statements
    .get(
      `SELECT e.job_id, e.state, count(*), sum(e.size) FROM egress_job j JOIN egress_instance e ON e.job_id = j.id
       WHERE j.study_instance_uid = ? GROUP BY e.job_id, e.state ORDER BY e.job_id, e.state`,
    )
    .all(packUid(studyInstanceUid) ?? Buffer.alloc(0))
    .map((row) => ({ jobId: Number(row[0]), state: String(row[1]), instances: Number(row[2]), bytes: Number(row[3]) }));
}
