import { packUid, unpackUid } from '../packed-uid.ts';
import { COUNTS, isRejected } from '../rejections/rejected-sql.ts';
import type { Cell, StatementCache } from '../reader/statement-cache.ts';
import type {
  EgressCommitment,
  EgressFinding,
  EgressInstance,
  EgressReport,
  StoredManifest,
  UnsentKind,
} from './egress-types.ts';
import { EGRESS_INSTANCE, instanceOf, numberOrNull } from './job-rows.ts';
import type { JobState } from './job-state-table.ts';

/** One move that was made. */
export interface JobTransition {
  readonly jobId: number;
  readonly at: number;
  readonly from: JobState;
  readonly to: JobState;
  readonly actor: string;
  readonly code: string;
  readonly reason: string;
}

/** What a job carries, series by series as received; a rejection note comes after everything else. */
export function queueInstances(statements: StatementCache, jobId: number): EgressInstance[] {
  return statements
    .get(
      `SELECT ${EGRESS_INSTANCE} FROM egress_instance e WHERE e.job_id = ? ORDER BY e.is_rejection_note, e.series_instance_uid, e.received_at,
       e.sop_instance_uid`,
    )
    .all(jobId)
    .map(instanceOf);
}

/** Of what kinds the objects are that a job has still to send, those of rejection notes last. */
export function queueUnsentKinds(statements: StatementCache, jobId: number): UnsentKind[] {
  return statements
    .get(
      `SELECT DISTINCT e.sop_class_uid, e.transfer_syntax_uid, e.is_rejection_note FROM egress_instance e
       WHERE e.job_id = ? AND e.state IN ('PENDING', 'FAILED') ORDER BY e.is_rejection_note`,
    )
    .all(jobId)
    .map((row) => ({ sopClassUid: String(row[0]), transferSyntaxUid: String(row[1]), isRejectionNote: row[2] === 1 }));
}

/** The custody of one instance in every job that carries it. */
export function queueInstanceCustody(statements: StatementCache, sopInstanceUid: string): EgressInstance[] {
  return statements
    .get(`SELECT ${EGRESS_INSTANCE} FROM egress_instance e WHERE e.sop_instance_uid = ? ORDER BY e.job_id`)
    .all(packUid(sopInstanceUid) ?? Buffer.alloc(0))
    .map(instanceOf);
}

/**
 * What an archive has committed itself to of a study, in whichever version, and nobody has rejected since; rejection notes are no part of
 * it. By the order of the versions: of an instance that went again the last row counts.
 */
export function queueKept(statements: StatementCache, studyInstanceUid: string, destination: string): EgressInstance[] {
  return statements
    .get(
      `SELECT ${EGRESS_INSTANCE} FROM egress_job j JOIN egress_instance e ON e.job_id = j.id WHERE j.study_instance_uid = ? AND j.destination = ?
       AND e.state = 'COMMITTED' AND e.is_rejection_note = 0 AND NOT ${isRejected('e.sop_instance_uid')} ORDER BY j.version, e.sop_instance_uid`,
    )
    .all(packUid(studyInstanceUid) ?? Buffer.alloc(0), destination)
    .map(instanceOf);
}

/** How often a job has moved with a code since it last was held or a dead letter: since somebody looked at it. */
export function queueTimesMoved(statements: StatementCache, jobId: number, code: string): number {
  const row = statements
    .get(
      `SELECT count(*) FROM egress_transition WHERE job_id = @jobId AND code = @code AND id > COALESCE(
         (SELECT max(id) FROM egress_transition WHERE job_id = @jobId AND from_state IN ('HELD', 'FAILED')), 0)`,
    )
    .get({ jobId, code });
  return Number(row?.[0]);
}

/** Every move of every job of a study, in order. */
export function queueHistory(statements: StatementCache, studyInstanceUid: string): JobTransition[] {
  return statements
    .get(
      `SELECT r.job_id, r.at, r.from_state, r.to_state, r.actor, r.code, r.reason FROM egress_job j JOIN egress_transition r ON r.job_id = j.id
       WHERE j.study_instance_uid = ? ORDER BY r.id`,
    )
    .all(packUid(studyInstanceUid) ?? Buffer.alloc(0))
    .map((row) => ({
      jobId: Number(row[0]),
      at: Number(row[1]),
      from: String(row[2]) as JobState,
      to: String(row[3]) as JobState,
      actor: String(row[4]),
      code: String(row[5]),
      reason: String(row[6]),
    }));
}

export function queueFindings(statements: StatementCache, jobId: number): EgressFinding[] {
  return statements
    .get('SELECT code, severity, cause, remedy, subject FROM egress_finding WHERE job_id = ? ORDER BY ordinal')
    .all(jobId)
    .map((row) => ({
      code: String(row[0]),
      severity: row[1] === 'warning' ? 'warning' : 'error',
      cause: String(row[2]),
      remedy: String(row[3]),
      subject: String(row[4]),
    }));
}

const COMMITMENT = `SELECT id, job_id, transaction_uid, requested_at, instances, answer_by, state, answered_at, answered_on, report,
  report_transfer_syntax, event_type FROM egress_commitment`;

export function egressCommitments(statements: StatementCache, jobId: number): EgressCommitment[] {
  return statements.get(`${COMMITMENT} WHERE job_id = ? ORDER BY id`).all(jobId).map(commitmentOf);
}

export function egressCommitment(statements: StatementCache, transactionUid: string): EgressCommitment | undefined {
  const row = statements.get(`${COMMITMENT} WHERE transaction_uid = ?`).get(transactionUid);
  return row === undefined ? undefined : commitmentOf(row);
}

export function egressManifest(statements: StatementCache, jobId: number): StoredManifest | undefined {
  const row = statements
    .get(
      `SELECT job_id, sop_instance_uid, series_instance_uid, sha256, file, created_at, delivered_at, status, transaction_uid
       FROM egress_manifest WHERE job_id = ?`,
    )
    .get(jobId);
  if (row === undefined) return undefined;
  return {
    jobId: Number(row[0]),
    sopInstanceUid: String(row[1]),
    seriesInstanceUid: String(row[2]),
    sha256: (row[3] as Buffer).toString('hex'),
    file: row[4] as Buffer,
    createdAt: Number(row[5]),
    deliveredAt: numberOrNull(row[6]),
    status: numberOrNull(row[7]),
    transactionUid: String(row[8]),
  };
}

/** Reports that nobody has taken yet, in the order of their receipt. */
export function egressNewReports(statements: StatementCache, limit: number): EgressReport[] {
  return statements
    .get(
      `SELECT id, transaction_uid, calling_aet, association, event_type, transfer_syntax, report, received_at FROM egress_report WHERE outcome = ''
       ORDER BY id LIMIT ?`,
    )
    .all(limit)
    .map((row) => ({
      id: Number(row[0]),
      transactionUid: String(row[1]),
      callingAet: String(row[2]),
      association: row[3] === 'same' ? 'same' : 'new',
      eventType: Number(row[4]),
      transferSyntax: String(row[5]),
      report: row[6] as Buffer,
      receivedAt: Number(row[7]),
    }));
}

function commitmentOf(row: readonly Cell[]): EgressCommitment {
  return {
    id: Number(row[0]),
    jobId: Number(row[1]),
    transactionUid: String(row[2]),
    requestedAt: Number(row[3]),
    instances: Number(row[4]),
    answerBy: Number(row[5]),
    state: String(row[6]) as EgressCommitment['state'],
    answeredAt: numberOrNull(row[7]),
    answeredOn: String(row[8]),
    report: row[9] === null ? null : (row[9] as Buffer),
    reportTransferSyntax: String(row[10]),
    eventType: numberOrNull(row[11]),
  };
}

/** A note against an instance; times are ms since 1970. */
export interface InstanceRejection {
  readonly sopInstanceUid: string;
  readonly noteUid: string;
  readonly code: string;
  readonly notedAt: number;
  /** The object came again after its retention had expired; null when it stands. */
  readonly revertedAt: number | null;
}

/** What was ever rejected of what the queue carries of a study. */
export function custodyRejections(statements: StatementCache, studyInstanceUid: string): InstanceRejection[] {
  return statements
    .get(
      `SELECT x.sop_instance_uid, x.note_uid, x.code, x.noted_at, x.reverted_at FROM rejection x WHERE x.sop_instance_uid IN (
         SELECT e.sop_instance_uid FROM egress_job j JOIN egress_instance e ON e.job_id = j.id WHERE j.study_instance_uid = ?)
       AND ${COUNTS} ORDER BY x.noted_at, x.note_uid, x.sop_instance_uid`,
    )
    .all(packUid(studyInstanceUid) ?? Buffer.alloc(0))
    .map((row) => ({
      sopInstanceUid: unpackUid(row[0] as Buffer),
      noteUid: unpackUid(row[1] as Buffer),
      code: String(row[2]),
      notedAt: Number(row[3]),
      revertedAt: numberOrNull(row[4]),
    }));
}

/** What was received of a study, whether it is forwarded or not; series by series. */
export interface ReceivedInstance {
  readonly sopInstanceUid: string;
  readonly seriesInstanceUid: string;
  readonly sopClassUid: string;
  readonly transferSyntaxUid: string;
  /** Hex. */
  readonly sha256: string;
  readonly size: number;
  /** ms since 1970: when it was acknowledged, file and row being on the disk. */
  readonly receivedAt: number;
  readonly receivedFrom: string;
}

export function custodyReceived(statements: StatementCache, studyInstanceUid: string): ReceivedInstance[] {
  return statements
    .get(
      `SELECT i.sop_instance_uid, s.series_instance_uid, c.uid, x.uid, i.sha256, i.size, i.received_at, n.aet
       FROM study t JOIN series s ON s.study_fk = t.id JOIN instance i ON i.series_fk = s.id JOIN sop_class c ON c.id = i.sop_class_id
       JOIN transfer_syntax x ON x.id = i.transfer_syntax_id JOIN sender n ON n.id = i.sender_id
       WHERE t.study_instance_uid = ? ORDER BY s.series_instance_uid, i.received_at, i.sop_instance_uid`,
    )
    .all(packUid(studyInstanceUid) ?? Buffer.alloc(0))
    .map((row) => ({
      sopInstanceUid: unpackUid(row[0] as Buffer),
      seriesInstanceUid: unpackUid(row[1] as Buffer),
      sopClassUid: String(row[2]),
      transferSyntaxUid: String(row[3]),
      sha256: (row[4] as Buffer).toString('hex'),
      size: Number(row[5]),
      receivedAt: Number(row[6]),
      receivedFrom: String(row[7]),
    }));
}
