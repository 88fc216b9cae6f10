import { packUid } from '../packed-uid.ts';
import type { SqlRunner } from '../writer/sql-runner.ts';
import type { JobOpening, JobPriority, QueueJob } from './egress-types.ts';
import { JobContents } from './job-contents.ts';
import type { JobMoves } from './job-moves.ts';
import { JOB, jobOf } from './job-rows.ts';

/** Held by an operator: no register change and no new object lets it go. */
export const OPERATOR_HOLD = 'OPERATOR_HOLD';
const ENGINE = 'egress';

/** Turns marks of changed studies into jobs. A mark goes only with the move that takes its study further. */
export class QueueIntake {
  readonly #sql: SqlRunner;
  readonly #moves: JobMoves;
  readonly #contents: JobContents;

  constructor(sql: SqlRunner, moves: JobMoves) {
    this.#sql = sql;
    this.#moves = moves;
    this.#contents = new JobContents(sql);
  }

  /** Gives every newly changed study a job in RECEIVING for each destination; the number of studies looked at. */
  open(opening: JobOpening): number {
    const marks = this.#sql.rows(
      'SELECT study_instance_uid FROM egress_changed WHERE opened = 0 ORDER BY changed_at LIMIT ?',
      opening.limit,
    );
    for (const [uid] of marks) {
      const studyUid = uid as Buffer;
      for (const destination of opening.destinations) this.#openOne(studyUid, destination, opening, 1);
      this.#sql.run('UPDATE egress_changed SET opened = 1 WHERE study_instance_uid = ?', studyUid);
    }
    return marks.length;
  }

  /** Studies that have been quiet long enough become COMPLETE; their number. */
  complete(opening: JobOpening): number {
    const { at, quietMs, limit } = opening;
    const quiet = this.#sql.rows(
      `SELECT c.study_instance_uid FROM egress_changed c LEFT JOIN study t ON t.study_instance_uid = c.study_instance_uid
       WHERE c.opened = 1 AND COALESCE(t.last_received_at, 0) <= ? LIMIT ?`,
      at - quietMs,
      limit,
    );
    for (const [uid] of quiet) {
      const studyUid = uid as Buffer;
      this.#completeOne(studyUid, at, ENGINE, 'QUIET', 'nothing new for the quiet time');
      // An object that comes while the study is marked makes no mark of its own, and the job may have been let go without it.
      for (const destination of opening.destinations) {
        if (this.#isForgotten(studyUid, destination)) this.#openOne(studyUid, destination, opening, 1);
      }
      if (this.#receiving(studyUid).length === 0) this.#unmark(studyUid);
    }
    return quiet.length;
  }

  /** The study is known to be complete before its quiet time has passed; false when it is not being received. */
  completeNow(studyInstanceUid: string, at: number, actor: string, reason: string): boolean {
    const studyUid = packUid(studyInstanceUid) ?? Buffer.alloc(0);
    const completed = this.#completeOne(studyUid, at, actor, 'SAID_COMPLETE', reason);
    const others = this.#sql.rows('SELECT DISTINCT destination FROM egress_job WHERE study_instance_uid = ?', studyUid);
    // What is new may be yet to go elsewhere: then the end of the quiet time sees to it.
    if (completed && !others.some(([name]) => this.#isForgotten(studyUid, String(name)))) this.#unmark(studyUid);
    return completed;
  }

  /**
   * Gives those of the studies after a row that have no job for a destination one with the priority of a migration; how many got one.
   */
  backfill(after: number, { destinations, at, limit }: Pick<JobOpening, 'destinations' | 'at' | 'limit'>): number {
    const studies = this.#sql.rows(
      'SELECT id, study_instance_uid FROM study WHERE id > ? ORDER BY id LIMIT ?',
      after,
      limit,
    );
    let opened = 0;
    for (const [, uid] of studies) {
      const studyUid = uid as Buffer;
      const lacking = destinations.filter((destination) => this.#latest(studyUid, destination) === undefined);
      // A new mark opens its jobs by itself.
      if (lacking.length === 0 || this.#isNewlyMarked(studyUid) || this.#isCopy(studyUid)) continue;
      for (const destination of lacking) this.#openOne(studyUid, destination, { at, deadlineMs: null }, 2);
      this.#sql.run(
        'INSERT INTO egress_changed (study_instance_uid, changed_at, opened) VALUES (?, ?, 1) ON CONFLICT DO NOTHING',
        studyUid,
        at,
      );
      opened += 1;
    }
    return opened;
  }

  #openOne(
    studyUid: Buffer,
    destination: string,
    { at, deadlineMs }: Pick<JobOpening, 'at' | 'deadlineMs'>,
    priority: JobPriority,
  ): void {
    if (this.#isCopy(studyUid)) return;
    const latest = this.#latest(studyUid, destination);
    if (latest === undefined) return this.#insert(studyUid, destination, { at, deadlineMs, version: 1, priority });
    const back = { jobId: latest.id, at, actor: ENGINE, code: 'NEW_OBJECTS', reason: 'new objects came' } as const;
    switch (latest.state) {
      case 'RECEIVING':
        return;
      case 'HELD':
        // What an operator holds stays held; its contents are looked at when it is released.
        if (latest.lastCode === OPERATOR_HOLD) return;
        this.#moves.move({ ...back, from: 'HELD', to: 'COMPLETE' });
        break;
      case 'QUEUED':
        if (this.#contents.hasBegun(latest.id)) return this.#nextVersion(studyUid, latest, { at, deadlineMs });
        this.#moves.move({ ...back, from: 'QUEUED', to: 'COMPLETE' });
        break;
      case 'COMPLETE':
        break;
      default:
        return this.#nextVersion(studyUid, latest, { at, deadlineMs });
    }
    this.#moves.move({ ...back, from: 'COMPLETE', to: 'RECEIVING' });
  }

  /** What was fetched from the archive for comparison is the archive's: it never goes back. */
  #isCopy(studyUid: Buffer): boolean {
    return this.#sql.row('SELECT 1 FROM study_copy WHERE study_instance_uid = ?', studyUid) !== undefined;
  }

  #nextVersion(studyUid: Buffer, latest: QueueJob, when: Pick<JobOpening, 'at' | 'deadlineMs'>): void {
    const { destination, version } = latest;
    if (!this.#contents.isMissing(studyUid, destination)) return;
    const priority = latest.priority === 0 ? 0 : 1;
    this.#insert(studyUid, destination, { ...when, version: version + 1, priority });
  }

  #insert(
    studyUid: Buffer,
    destination: string,
    job: Pick<JobOpening, 'at' | 'deadlineMs'> & { readonly version: number; readonly priority: JobPriority },
  ): void {
    const [source, receivedAt] = this.#sql.row(
      `SELECT b.organisation, t.first_received_at FROM study t JOIN bucket b ON b.id = t.bucket_id WHERE t.study_instance_uid = ?`,
      studyUid,
    ) ?? ['', job.at];
    // A later version is late by its own objects, not by those that went before.
    const from = job.version === 1 ? Number(receivedAt) : job.at;
    this.#sql.run(
      `INSERT INTO egress_job (study_instance_uid, version, destination, state, priority, source, controller, content_type, calling_aet,
       next_attempt_at, deadline_at, created_at, updated_at) VALUES (?, ?, ?, 'RECEIVING', ?, ?, '', '', '', ?, ?, ?, ?)`,
      studyUid,
      job.version,
      destination,
      job.priority,
      source,
      job.at,
      job.deadlineMs === null ? null : from + job.deadlineMs,
      job.at,
      job.at,
    );
  }

  #completeOne(studyUid: Buffer, at: number, actor: string, code: string, reason: string): boolean {
    const jobs = this.#receiving(studyUid);
    for (const job of jobs)
      this.#moves.move({ jobId: job.id, from: 'RECEIVING', to: 'COMPLETE', at, actor, code, reason });
    return jobs.length > 0;
  }

  #receiving(studyUid: Buffer): QueueJob[] {
    return this.#sql
      .rows(`SELECT ${JOB} FROM egress_job j WHERE j.study_instance_uid = ? AND j.state = 'RECEIVING'`, studyUid)
      .map(jobOf);
  }

  #unmark(studyUid: Buffer): void {
    this.#sql.run('DELETE FROM egress_changed WHERE study_instance_uid = ? AND opened = 1', studyUid);
  }

  /** Whether something of the study is carried by no job and will be taken up by none. */
  #isForgotten(studyUid: Buffer, destination: string): boolean {
    const latest = this.#latest(studyUid, destination);
    if (latest?.state === 'RECEIVING' || latest?.state === 'COMPLETE') return false;
    return this.#contents.isMissing(studyUid, destination);
  }

  #latest(studyUid: Buffer, destination: string): QueueJob | undefined {
    const row = this.#sql.row(
      `SELECT ${JOB} FROM egress_job j WHERE j.study_instance_uid = ? AND j.destination = ? ORDER BY j.version DESC LIMIT 1`,
      studyUid,
      destination,
    );
    return row === undefined ? undefined : jobOf(row);
  }

  #isNewlyMarked(studyUid: Buffer): boolean {
    return (
      this.#sql.row('SELECT 1 FROM egress_changed WHERE study_instance_uid = ? AND opened = 0', studyUid) !== undefined
    );
  }
}
