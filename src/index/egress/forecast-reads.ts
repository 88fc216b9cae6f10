import { unpackUid } from '../packed-uid.ts';
import type { StatementCache } from '../reader/statement-cache.ts';
import type { JobPriority } from './egress-types.ts';
import type { JobState } from './job-state-table.ts';
import { OPEN } from './open-jobs.ts';

/** Work, as far as it can be counted. */
export interface Amount {
  readonly studies: number;
  readonly instances: number;
  readonly bytes: number;
}

export interface DestinationLoad {
  readonly destination: string;
  /** On its way without anybody's doing. */
  readonly backlog: Amount;
  /** Waits for new objects or for the rules: what it carries is not known yet. */
  readonly receiving: number;
  /** Waits for somebody to do something. */
  readonly held: number;
  readonly failed: number;
  /** Archived since the given moment. */
  readonly archived: Amount;
  /** Studies whose deadline has passed. */
  readonly overdue: number;
  readonly breaker: BreakerLevel | null;
}

export interface BreakerLevel {
  readonly state: 'closed' | 'open' | 'half-open';
  readonly failures: number;
  readonly probeAt: number | null;
  readonly cause: string;
}

/** What each destination has to do, and what has been archived there since a moment. */
export function queueLoad(statements: StatementCache, at: number, since: number): DestinationLoad[] {
  const archived = new Map(
    statements
      .get(
        `SELECT j.destination, count(*), sum(j.instances), sum(j.bytes) FROM egress_transition r JOIN egress_job j ON j.id = r.job_id
         WHERE r.to_state = 'ARCHIVED' AND r.at > ? GROUP BY j.destination`,
      )
      .all(since)
      .map((row) => [String(row[0]), amount(row.slice(1))]),
  );
  const breakers = queueBreakers(statements);
  const none = amount([0, 0, 0]);
  const loads = new Map(
    statements
      .get(
        `SELECT destination, sum(moving), sum(moving * instances), sum(moving * bytes), sum(state IN ('RECEIVING', 'COMPLETE')),
           sum(state = 'HELD'), sum(state = 'FAILED'), COALESCE(sum(deadline_at < ?), 0) FROM (
           SELECT destination, state, instances, bytes, deadline_at, state NOT IN ('RECEIVING', 'COMPLETE', 'HELD', 'FAILED') AS moving
           FROM egress_job WHERE ${OPEN}) GROUP BY destination`,
      )
      .all(at)
      .map((row) => [String(row[0]), row] as const),
  );
  const names = [...new Set([...loads.keys(), ...archived.keys(), ...breakers.keys()])].sort();
  return names.map((destination) => {
    const row = loads.get(destination);
    return {
      destination,
      backlog: row === undefined ? none : amount(row.slice(1, 4)),
      receiving: Number(row?.[4] ?? 0),
      held: Number(row?.[5] ?? 0),
      failed: Number(row?.[6] ?? 0),
      overdue: Number(row?.[7] ?? 0),
      archived: archived.get(destination) ?? none,
      breaker: breakers.get(destination) ?? null,
    };
  });
}

/** What the engine last said of its breakers, by destination. */
export function queueBreakers(statements: StatementCache): Map<string, BreakerLevel> {
  return new Map(
    statements
      .get('SELECT name, breaker, failures, probe_at, cause FROM egress_destination')
      .all()
      .map((row) => [
        String(row[0]),
        {
          state: String(row[1]) as BreakerLevel['state'],
          failures: Number(row[2]),
          probeAt: row[3] === null ? null : Number(row[3]),
          cause: String(row[4]),
        },
      ]),
  );
}

export interface DeadlineRow {
  readonly studyInstanceUid: string;
  readonly version: number;
  readonly state: JobState;
  readonly priority: JobPriority;
  readonly deadlineAt: number;
  /** What goes before it and itself. */
  readonly ahead: Amount;
  /** False for what waits for somebody or something. */
  readonly moving: boolean;
}

/** The studies of a destination whose deadline comes first, with what is ahead of them in the order of priority and age. */
export function queueDeadlines(statements: StatementCache, destination: string, limit: number): DeadlineRow[] {
  return statements
    .get(
      `SELECT j.study_instance_uid, j.version, w.state, w.priority, w.deadline_at, w.studies, w.instances, w.bytes, w.moving FROM (
         SELECT id, state, priority, deadline_at, moving, sum(moving) OVER line AS studies, sum(moving * instances) OVER line AS instances,
           sum(moving * bytes) OVER line AS bytes FROM (
           SELECT id, state, priority, deadline_at, instances, bytes, created_at, state NOT IN ('RECEIVING', 'COMPLETE', 'HELD', 'FAILED') AS moving
           FROM egress_job WHERE ${OPEN} AND destination = ?) WINDOW line AS (ORDER BY priority, created_at, id)) w
       JOIN egress_job j ON j.id = w.id WHERE w.deadline_at IS NOT NULL ORDER BY w.deadline_at, w.id LIMIT ?`,
    )
    .all(destination, limit)
    .map((row) => ({
      studyInstanceUid: unpackUid(row[0] as Buffer),
      version: Number(row[1]),
      state: String(row[2]) as JobState,
      priority: Number(row[3]) as JobPriority,
      deadlineAt: Number(row[4]),
      ahead: amount(row.slice(5, 8)),
      moving: row[8] === 1,
    }));
}

function amount([studies, instances, bytes]: readonly unknown[]): Amount {
  return { studies: Number(studies ?? 0), instances: Number(instances ?? 0), bytes: Number(bytes ?? 0) };
}
