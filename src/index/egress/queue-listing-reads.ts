import { packUid } from '../packed-uid.ts';
import type { StatementCache } from '../reader/statement-cache.ts';
import type { QueueJob } from './egress-types.ts';
import { JOB, jobOf } from './job-rows.ts';
import type { JobState } from './job-state-table.ts';
import { OPEN } from './open-jobs.ts';

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
  const clauses =
    query.ended === true || query.state === 'ARCHIVED' || query.state === 'WITHDRAWN' ? ['1'] : [`j.${OPEN}`];
  const values: unknown[] = [];
  for (const [sql, value] of [
    ['j.state = ?', query.state],
    ['j.destination = ?', query.destination],
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
  return statements
    .get(`SELECT ${JOB} FROM egress_job j WHERE ${clauses.join(' AND ')} ORDER BY j.created_at LIMIT ?`)
    .all(...values, query.limit)
    .map(jobOf);
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
  return statements
    .get(`SELECT destination, min(created_at) FROM egress_job WHERE ${OPEN} GROUP BY destination ORDER BY destination`)
    .all()
    .map((row) => ({ destination: String(row[0]), createdAt: Number(row[1]) }));
}

export interface ShapeRow {
  readonly destination: string;
  readonly jobs: number;
  /** How many are younger than each bound, and not younger than the one before; the last one has the rest. */
  readonly byAge: readonly number[];
}

/** Jobs that have not ended by destination and age; `bounds` are ascending ages in ms. */
export function queueShape(statements: StatementCache, at: number, bounds: readonly number[]): ShapeRow[] {
  const older = bounds.map(() => 'COALESCE(sum(created_at > ?), 0)');
  const rows = statements
    .get(
      `SELECT destination, count(*), ${older.join(', ')} FROM egress_job WHERE ${OPEN} GROUP BY destination ORDER BY destination`,
    )
    .all(...bounds.map((bound) => at - bound));
  return rows.map((row) => {
    const younger = [...row.slice(2).map(Number), Number(row[1])];
    return {
      destination: String(row[0]),
      jobs: Number(row[1]),
      byAge: younger.map((count, i) => count - (younger[i - 1] ?? 0)),
    };
  });
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
