import type { SqliteDatabase } from '../database.ts';
import { packUid } from '../packed-uid.ts';
import { SqlRunner } from '../writer/sql-runner.ts';
import type {
  JobEffect,
  JobMove,
  JobOpening,
  JobPriority,
  Judgement,
  NewEgressReport,
  QueueJob,
  ReportOutcome,
} from './egress-types.ts';
import type { BreakerLevel } from './forecast-reads.ts';
import { JobMoves } from './job-moves.ts';
import { JOB, jobOf } from './job-rows.ts';
import type { JobState } from './job-state-table.ts';
import { OPEN } from './open-jobs.ts';
import { OPERATOR_HOLD, QueueIntake } from './queue-intake.ts';

/** Changes of the queue for the archive; each is atomic. */
export function egressWrites(db: SqliteDatabase) {
  const sql = new SqlRunner(db);
  const moves = new JobMoves(sql);
  const intake = new QueueIntake(sql, moves);
  return {
    /** Jobs for newly changed studies; the number of studies looked at. */
    queueOpen: (opening: JobOpening): number => intake.open(opening),
    /** Quiet studies become COMPLETE; their number. */
    queueComplete: (opening: JobOpening): number => intake.complete(opening),
    /** For an examination entry that says so; false when the study is not being received. */
    queueCompleteNow: (studyInstanceUid: string, at: number, actor: string, reason: string): boolean =>
      intake.completeNow(studyInstanceUid, at, actor, reason),
    /** Jobs for those of so many studies after a row that have none; the number of studies. */
    queueBackfill: (after: number, opening: Pick<JobOpening, 'destinations' | 'at' | 'limit'>): number =>
      intake.backfill(after, opening),
    /** One move with its transition and what belongs to it. @throws IndexError QUEUE_MOVE_REFUSED */
    queueMove: (move: JobMove, effects: readonly JobEffect[] = []): QueueJob => moves.move(move, effects),
    /** QUEUED → SENDING, or → COMPLETE when all that it carries has been rejected. @throws IndexError QUEUE_MOVE_REFUSED */
    queueStart: (jobId: number, at: number, actor: string): QueueJob => moves.start(jobId, at, actor),
    /** Progress of a job within its state. */
    queueRecord: (jobId: number, effects: readonly JobEffect[]): void => moves.record(jobId, effects),
    /** What readiness found: on to QUEUED, or HELD. @throws IndexError QUEUE_MOVE_REFUSED when it is no longer COMPLETE */
    queueJudge: (judgement: Judgement): QueueJob => judge(sql, moves, judgement),
    /** Held studies with a finding about one of `subjects` (all with `*`) are looked at again, not what an operator holds; their number. */
    queueReevaluate: (subjects: readonly string[], at: number, actor: string): number =>
      reevaluate(sql, moves, subjects, at, actor),
    /** At the start of the engine: what was being sent is queued again; how many those are. */
    queueRecover: (at: number): number => recover(sql, moves, at),
    /** Of every job of the study that has not ended; their number. */
    queuePrioritise: (studyInstanceUid: string, priority: JobPriority): number =>
      sql.run(
        `UPDATE egress_job SET priority = ? WHERE study_instance_uid = ? AND state NOT IN ('ARCHIVED', 'WITHDRAWN')`,
        priority,
        packUid(studyInstanceUid),
      ),
    /** Waiting jobs are due at once, of one destination or of all, and so is the probe of one in trouble; the number of jobs. */
    queueFlush: (destination: string | null, at: number): number => {
      sql.run(
        `UPDATE egress_destination SET probe_at = ? WHERE probe_at > ? AND (name = ? OR ? IS NULL)`,
        at,
        at,
        destination,
        destination,
      );
      return sql.run(
        `UPDATE egress_job SET next_attempt_at = ? WHERE state IN ('RETRY_WAIT', 'QUEUED', 'SENT', 'COMMITTED')
         AND next_attempt_at > ? AND (destination = ? OR ? IS NULL)`,
        at,
        at,
        destination,
        destination,
      );
    },
    /** A job that is still in this state is looked at later; nothing has happened to it. */
    queueDefer: (jobId: number, state: JobState, until: number): void =>
      void sql.run('UPDATE egress_job SET next_attempt_at = ? WHERE id = ? AND state = ?', until, jobId, state),
    /** What the engine knows of a destination, for those who ask from outside. */
    egressBreakerPut: (name: string, breaker: BreakerLevel, at: number): void =>
      void sql.run(
        `INSERT INTO egress_destination (name, breaker, failures, probe_at, cause, updated_at) VALUES (?, ?, ?, ?, ?, ?)
         ON CONFLICT (name) DO UPDATE SET breaker = excluded.breaker, failures = excluded.failures, probe_at = excluded.probe_at,
         cause = excluded.cause, updated_at = excluded.updated_at`,
        name,
        breaker.state,
        breaker.failures,
        breaker.probeAt,
        breaker.cause,
        at,
      ),
    /** A commitment report of the archive's, kept until the engine takes it; its id. */
    egressReportAdd: (report: NewEgressReport): number => addReport(sql, report),
    egressReportTaken: (reportId: number, outcome: ReportOutcome): void =>
      void sql.run('UPDATE egress_report SET outcome = ? WHERE id = ?', outcome, reportId),
  };
}

function judge(sql: SqlRunner, moves: JobMoves, judgement: Judgement): QueueJob {
  const { jobId, findings, at, actor, controller, contentType, callingAet, priority } = judgement;
  sql.run(
    // An operator may have given it another priority meanwhile.
    `UPDATE egress_job SET controller = ?, content_type = ?, calling_aet = ?, priority = CASE WHEN priority = 1 THEN ? ELSE priority END
     WHERE id = ?`,
    controller,
    contentType,
    callingAet,
    priority,
    jobId,
  );
  return moves.judge(moves.job(jobId), findings, at, actor);
}

function reevaluate(sql: SqlRunner, moves: JobMoves, subjects: readonly string[], at: number, actor: string): number {
  const ids = sql.rows(
    `SELECT DISTINCT f.job_id FROM egress_finding f JOIN egress_job j ON j.id = f.job_id WHERE j.state = 'HELD' AND j.last_code <> ?
     AND (EXISTS (SELECT 1 FROM json_each(?) s WHERE s.value = '*') OR f.subject IN (SELECT value FROM json_each(?)))`,
    OPERATOR_HOLD,
    JSON.stringify(subjects),
    JSON.stringify(subjects),
  );
  for (const [jobId] of ids) {
    const step = { jobId: Number(jobId), at, actor, code: 'LOOK_AGAIN', reason: 'a register has changed' } as const;
    moves.move({ ...step, from: 'HELD', to: 'COMPLETE' });
  }
  return ids.length;
}

function recover(sql: SqlRunner, moves: JobMoves, at: number): number {
  const inState = (state: JobState): QueueJob[] =>
    sql.rows(`SELECT ${JOB} FROM egress_job j WHERE j.state = ? AND j.${OPEN}`, state).map(jobOf);
  for (const { id: jobId } of inState('READY')) {
    const reason = 'the process ended before it was queued';
    moves.move({ jobId, from: 'READY', to: 'QUEUED', at, actor: 'egress', code: 'RESTART', reason });
  }
  const jobs = inState('SENDING');
  const reason = 'the process ended while it was sent';
  for (const { id: jobId } of jobs) moves.takeBack({ jobId, at, actor: 'egress', code: 'RESTART', reason });
  return jobs.length;
}

function addReport(sql: SqlRunner, report: NewEgressReport): number {
  const [id] =
    sql.row(
      `INSERT INTO egress_report (transaction_uid, calling_aet, association, event_type, transfer_syntax, report, received_at)
       VALUES (?, ?, ?, ?, ?, ?, ?) RETURNING id`,
      report.transactionUid,
      report.callingAet,
      report.association,
      report.eventType,
      report.transferSyntax,
      report.report,
      report.receivedAt,
    ) ?? [];
  return Number(id);
}
