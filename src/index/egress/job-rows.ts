import { unpackUid } from '../packed-uid.ts';
import { correctedOf } from '../identity/stored-identity.ts';
import type { Cell } from '../reader/statement-cache.ts';
import type { EgressInstance, EgressInstanceState, JobPriority, QueueJob } from './egress-types.ts';
import type { JobState } from './job-state-table.ts';

/** The columns of a job in the order that `jobOf` reads; the table's alias is `j`. */
export const JOB = `j.id, j.study_instance_uid, j.version, j.destination, j.state, j.resume_state, j.priority, j.source, j.controller,
  j.content_type, j.calling_aet, j.instances, j.bytes, j.attempts, j.next_attempt_at, j.deadline_at, j.last_code, j.last_reason, j.created_at,
  j.updated_at`;

export function jobOf(row: readonly Cell[]): QueueJob {
  return {
    id: Number(row[0]),
    studyInstanceUid: unpackUid(row[1] as Buffer),
    version: Number(row[2]),
    destination: String(row[3]),
    state: String(row[4]) as JobState,
    resumeState: row[5] === null ? null : (String(row[5]) as JobState),
    priority: Number(row[6]) as JobPriority,
    source: String(row[7]),
    controller: String(row[8]),
    contentType: String(row[9]),
    callingAet: String(row[10]),
    instances: Number(row[11]),
    bytes: Number(row[12]),
    attempts: Number(row[13]),
    nextAttemptAt: Number(row[14]),
    deadlineAt: numberOrNull(row[15]),
    lastCode: String(row[16]),
    lastReason: String(row[17]),
    createdAt: Number(row[18]),
    updatedAt: Number(row[19]),
  };
}

/** The columns of a job's instance in the order that `instanceOf` reads; the table's alias is `e`. */
export const EGRESS_INSTANCE = `e.job_id, e.sop_instance_uid, e.series_instance_uid, e.sop_class_uid, e.transfer_syntax_uid, e.sha256, e.size,
  e.received_at, e.received_from, e.is_rejection_note, e.state, e.sends, e.sent_at, e.status, e.error_comment, e.commitment_id, e.failure_reason,
  (SELECT x.identity FROM identity_correction x WHERE x.id = e.correction_id)`;

export function instanceOf(row: readonly Cell[]): EgressInstance {
  return {
    jobId: Number(row[0]),
    sopInstanceUid: unpackUid(row[1] as Buffer),
    seriesInstanceUid: unpackUid(row[2] as Buffer),
    sopClassUid: String(row[3]),
    transferSyntaxUid: String(row[4]),
    sha256: (row[5] as Buffer).toString('hex'),
    size: Number(row[6]),
    receivedAt: Number(row[7]),
    receivedFrom: String(row[8]),
    isRejectionNote: row[9] === 1,
    state: String(row[10]) as EgressInstanceState,
    sends: Number(row[11]),
    sentAt: numberOrNull(row[12]),
    status: numberOrNull(row[13]),
    errorComment: String(row[14]),
    commitmentId: numberOrNull(row[15]),
    failureReason: numberOrNull(row[16]),
    ...correctedOf(row[17]),
  };
}

export function numberOrNull(value: Cell | undefined): number | null {
  return value === null || value === undefined ? null : Number(value);
}
