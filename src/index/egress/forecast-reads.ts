import { unpackUid } from '../packed-uid.ts';
import type { StatementCache } from '../reader/statement-cache.ts';
import type { JobPriority } from './egress-types.ts';
import type { JobState } from './job-state-table.ts';
import { OPEN } from './open-jobs.ts';
import { queueOverdue } from './queue-listing-reads.ts';

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
  const depths = statements
    .get(`SELECT destination, state, jobs, instances, bytes FROM egress_depth WHERE ${OPEN}`)
    .all();
  const overdue = new Map(queueOverdue(statements, at).map(({ destination, jobs }) => [destination, jobs]));
  const names = [...new Set([...depths.map(([name]) => String(name)), ...archived.keys(), ...breakers.keys()])].sort();
  return names.map((destination) => {
    const own = depths.filter(([name]) => name === destination);
    const jobsIn = (...states: readonly JobState[]): number =>
      own.reduce((sum, row) => sum + (states.includes(row[1] as JobState) ? Number(row[2]) : 0), 0);
    return {
      destination,
      backlog: own
        .filter((row) => isMoving(row[1] as JobState))
        .reduce((sum, row) => plus(sum, amount(row.slice(2))), none),
      receiving: jobsIn('RECEIVING', 'COMPLETE'),
      held: jobsIn('HELD'),
      failed: jobsIn('FAILED'),
      overdue: overdue.get(destination) ?? 0,
      archived: archived.get(destination) ?? none,
      breaker: breakers.get(destination) ?? null,
    };
  });
}

/** Whether a job goes on without anybody's doing, and what it carries is known. */
function isMoving(state: JobState): boolean {
  return !['RECEIVING', 'COMPLETE', 'HELD', 'FAILED'].includes(state);
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
  const first = statements
    .get(
      `SELECT study_instance_uid, version, state, priority, deadline_at, created_at FROM egress_job INDEXED BY egress_job_deadline
       WHERE ${OPEN} AND destination = ? AND deadline_at IS NOT NULL ORDER BY deadline_at LIMIT ?`,
    )
    .all(destination, limit);
  const lines = first.length === 0 ? [] : queueLines(statements, destination);
  return first.map((row) => {
    const [priority, createdAt] = [Number(row[3]) as JobPriority, Number(row[5])];
    const ahead = lines.map((line, of) =>
      of > priority ? amount([0, 0, 0]) : line.until(of < priority ? Infinity : createdAt),
    );
    return {
      studyInstanceUid: unpackUid(row[0] as Buffer),
      version: Number(row[1]),
      state: String(row[2]) as JobState,
      priority,
      deadlineAt: Number(row[4]),
      ahead: ahead.reduce(plus, amount([0, 0, 0])),
      moving: isMoving(String(row[2]) as JobState),
    };
  });
}

/** Sums along the jobs of one priority, the oldest first. */
class QueueLine {
  readonly #times: number[] = [];
  readonly #sums: Amount[] = [];

  add(createdAt: number, what: Amount): void {
    this.#times.push(createdAt);
    this.#sums.push(plus(this.#sums.at(-1) ?? amount([0, 0, 0]), what));
  }

  /** What was made until a moment. */
  until(moment: number): Amount {
    let [low, high] = [0, this.#times.length];
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((this.#times[middle] ?? 0) <= moment) low = middle + 1;
      else high = middle;
    }
    return this.#sums[low - 1] ?? amount([0, 0, 0]);
  }
}

function queueLines(statements: StatementCache, destination: string): QueueLine[] {
  const lines = [new QueueLine(), new QueueLine(), new QueueLine()];
  const rows = statements
    .get(
      `SELECT created_at, state, priority, instances, bytes FROM egress_job INDEXED BY egress_job_open WHERE ${OPEN} AND destination = ?
       ORDER BY created_at`,
    )
    .iterate(destination);
  for (const [createdAt, state, priority, instances, bytes] of rows)
    if (isMoving(String(state) as JobState))
      lines[Number(priority)]?.add(Number(createdAt), amount([1, instances, bytes]));
  return lines;
}

function plus(a: Amount, b: Amount): Amount {
  return { studies: a.studies + b.studies, instances: a.instances + b.instances, bytes: a.bytes + b.bytes };
}

function amount([studies, instances, bytes]: readonly unknown[]): Amount {
  return { studies: Number(studies ?? 0), instances: Number(instances ?? 0), bytes: Number(bytes ?? 0) };
}
