import { IndexError } from '../index-errors.ts';
import { packUid } from '../packed-uid.ts';
import type { SqlRunner } from '../writer/sql-runner.ts';
import { JobContents } from './job-contents.ts';
import type { EgressFinding, EgressInstanceState, JobEffect, JobMove, QueueJob } from './egress-types.ts';
import { applyEffect, giveRequestsUp, replaceFindings } from './job-effects.ts';
import { JOB, jobOf } from './job-rows.ts';
import { mayMove, PROGRESS_STATES, RESUMES } from './job-state-table.ts';

/** In which states every instance of a job must be before the job may say so. */
const PROVEN_BY: Readonly<Partial<Record<JobMove['to'], readonly EgressInstanceState[]>>> = {
  SENT: ['SENT', 'COMMITTED', 'WITHDRAWN'],
  COMMITTED: ['COMMITTED', 'WITHDRAWN'],
  ARCHIVED: ['COMMITTED', 'WITHDRAWN'],
};

/** What comes on a request after its job has left these is late: it proves what it commits, and what it fails is left to the next one. */
const WAITS_FOR_REPORTS: ReadonlySet<JobMove['from']> = new Set(['COMMIT_PENDING', 'MANIFEST_SENT']);

/** Moves jobs: the row, the transition and whatever belongs to the step are written together. */
export class JobMoves {
  readonly #sql: SqlRunner;
  readonly #contents: JobContents;

  constructor(sql: SqlRunner) {
    this.#sql = sql;
    this.#contents = new JobContents(sql);
  }

  /** @throws IndexError QUEUE_JOB_UNKNOWN */
  job(jobId: number): QueueJob {
    const row = this.#sql.row(`SELECT ${JOB} FROM egress_job j WHERE j.id = ?`, jobId);
    if (row === undefined) throw new IndexError('QUEUE_JOB_UNKNOWN', `The queue has no job ${jobId}.`, { job: jobId });
    return jobOf(row);
  }

  /** @throws IndexError QUEUE_MOVE_REFUSED when the job is in another state, or the table does not have the move */
  move(move: JobMove, effects: readonly JobEffect[] = []): QueueJob {
    const job = this.job(move.jobId);
    checkMove(job, move);
    for (const effect of effects) applyEffect(this.#sql, job.id, effect);
    if (WAITS_FOR_REPORTS.has(move.from)) giveRequestsUp(this.#sql, job.id, move.at);
    this.#checkProof(move);
    if (move.to === 'WITHDRAWN') this.#contents.withdraw(job);
    if (move.to === 'QUEUED' && move.from !== 'SENDING') this.#contents.sendFailedAgain(job.id);
    if (move.from === 'HELD') replaceFindings(this.#sql, job.id, []);
    this.#write(job, { ...move, ...this.#resumption(move) });
    return this.job(job.id);
  }

  /** A job of which the archive has lost objects does not go on as sent: they go again first. */
  #resumption({ jobId, resumeState }: JobMove): Pick<JobMove, 'resumeState'> {
    if (resumeState !== 'SENT') return {};
    return this.#contents.countOutside(jobId, PROVEN_BY.SENT ?? []) === 0 ? {} : { resumeState: 'QUEUED' };
  }

  /** Progress within a state. */
  record(jobId: number, effects: readonly JobEffect[]): void {
    for (const effect of effects) applyEffect(this.#sql, jobId, effect);
  }

  /**
   * QUEUED → SENDING without what was rejected while it waited. QUEUED → COMPLETE when nothing of it is left to go.
   * @throws IndexError QUEUE_MOVE_REFUSED when it is no longer queued
   */
  start(jobId: number, at: number, actor: string): QueueJob {
    const step = { jobId, from: 'QUEUED', at, actor } as const;
    const job = this.job(jobId);
    const { instances } = this.#contents.mayBeRejected() ? this.#contents.leaveOutRejected(job) : job;
    if (instances > 0) return this.move({ ...step, to: 'SENDING', code: 'START', reason: '' });
    const reason = 'everything that it carries was rejected before it went';
    return this.move({ ...step, to: 'COMPLETE', code: 'REJECTED_MEANWHILE', reason });
  }

  /** SENDING → QUEUED by somebody who does not know what has become of the objects: some may have gone, and that is not written down. */
  takeBack(step: Pick<JobMove, 'jobId' | 'at' | 'actor' | 'code' | 'reason'>): void {
    this.#contents.mayHaveGone(step.jobId);
    this.move({ ...step, from: 'SENDING', to: 'QUEUED' });
  }

  /** COMPLETE → READY → QUEUED with what the earlier versions did not carry, or COMPLETE → HELD with the findings. */
  judge(job: QueueJob, findings: readonly EgressFinding[], at: number, actor: string): QueueJob {
    this.#checkSeen(job);
    const step = { jobId: job.id, at, actor };
    const [worst] = findings.filter(({ severity }) => severity === 'error');
    if (worst !== undefined) {
      const held = { ...step, from: job.state, to: 'HELD', code: worst.code, reason: worst.cause } as const;
      return this.move(held, [{ kind: 'findings', findings }]);
    }
    const { instances, pending } = this.#contents.gather(job);
    if (pending === 0 && instances === 0) {
      const reason = 'earlier versions carry every instance, or what is new was rejected before it went';
      this.move({ ...step, from: job.state, to: 'HELD', code: 'NOTHING_TO_SEND', reason });
      return this.move({ ...step, from: 'HELD', to: 'WITHDRAWN', code: 'NOTHING_TO_SEND', reason });
    }
    const reason = `${instances} instances`;
    this.move({ ...step, from: job.state, to: 'READY', code: 'READY', reason }, [{ kind: 'findings', findings }]);
    return this.move({ ...step, from: 'READY', to: 'QUEUED', code: 'READY', reason });
  }

  /** What came since the study was looked at goes with no judgement that has not seen it. */
  #checkSeen({ id, state, studyInstanceUid }: QueueJob): void {
    const uid = packUid(studyInstanceUid);
    if (this.#sql.row('SELECT 1 FROM egress_changed WHERE study_instance_uid = ? AND opened = 0', uid) === undefined)
      return;
    throw new IndexError('QUEUE_MOVE_REFUSED', `Job ${id} cannot go on: something new has come meanwhile.`, {
      job: id,
      from: state,
    });
  }

  /** Nothing is shown as sent, committed or archived that is not: the instances themselves must say so, whoever moves the job. */
  #checkProof({ jobId, from, to }: JobMove): void {
    const proven = PROVEN_BY[to];
    if (proven === undefined) return;
    const open = this.#contents.countOutside(jobId, proven);
    if (open === 0) return;
    throw new IndexError(
      'QUEUE_MOVE_REFUSED',
      `Job ${jobId} cannot go from ${from} to ${to}: ${open} of its instances are not ${proven.join(' or ').toLowerCase()}.`,
      { job: jobId, from, to, open },
    );
  }

  #write(job: QueueJob, { from, to, at, actor, code, reason, nextAttemptAt = at, resumeState }: JobMove): void {
    this.#sql.run(
      `UPDATE egress_job SET state = ?, resume_state = ?, attempts = ?, next_attempt_at = ?, last_code = ?, last_reason = ?, updated_at = ?
       WHERE id = ?`,
      to,
      to === 'RETRY_WAIT' ? resumeState : null,
      attemptsAfter(job, to),
      nextAttemptAt,
      code,
      reason,
      at,
      job.id,
    );
    this.#sql.run(
      'INSERT INTO egress_transition (job_id, at, from_state, to_state, actor, code, reason) VALUES (?, ?, ?, ?, ?, ?, ?)',
      job.id,
      at,
      from,
      to,
      actor,
      code,
      reason,
    );
  }
}

function checkMove(job: QueueJob, move: JobMove): void {
  const { from, to, resumeState } = move;
  const facts = { job: job.id, state: job.state, from, to };
  const refuse = (why: string): never => {
    throw new IndexError('QUEUE_MOVE_REFUSED', `Job ${job.id} cannot go from ${from} to ${to}: ${why}.`, facts);
  };
  if (job.state !== from) refuse(`it is ${job.state}`);
  if (!mayMove(from, to)) refuse('there is no such move');
  if (to === 'RETRY_WAIT') {
    if (resumeState === undefined || RESUMES[from]?.includes(resumeState) !== true)
      refuse(`it cannot go on as ${resumeState ?? 'nothing'}`);
  } else if (from === 'RETRY_WAIT' && to !== 'HELD' && to !== 'FAILED' && to !== job.resumeState)
    refuse(`it goes on as ${job.resumeState ?? 'nothing'}`);
}

function attemptsAfter(job: QueueJob, to: JobMove['to']): number {
  if (to === 'RETRY_WAIT') return job.attempts + 1;
  if (job.state === 'RETRY_WAIT') return job.attempts;
  const afresh = PROGRESS_STATES.includes(to) || job.state === 'HELD' || job.state === 'FAILED';
  return afresh ? 0 : job.attempts;
}
