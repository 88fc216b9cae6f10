import { packUid } from '../packed-uid.ts';
import type { SqlRunner } from '../writer/sql-runner.ts';
import type { CommitmentAnswer, EgressFinding, InstanceSend, JobEffect, NewEgressCommitment } from './egress-types.ts';

/** Writes what belongs to one step of a job. */
export function applyEffect(sql: SqlRunner, jobId: number, effect: JobEffect): void {
  switch (effect.kind) {
    case 'sends':
      for (const send of effect.sends) recordSend(sql, jobId, send);
      return;
    case 'findings':
      return replaceFindings(sql, jobId, effect.findings);
    case 'commitment':
      return addCommitment(sql, jobId, effect.commitment);
    case 'commitment-answer':
      return answerCommitment(sql, jobId, effect.answer);
    case 'manifest': {
      const { sopInstanceUid, seriesInstanceUid, sha256, file, createdAt } = effect.manifest;
      sql.run(
        `INSERT INTO egress_manifest (job_id, sop_instance_uid, series_instance_uid, sha256, file, created_at) VALUES (?, ?, ?, ?, ?, ?)
         ON CONFLICT (job_id) DO UPDATE SET sop_instance_uid = excluded.sop_instance_uid, series_instance_uid = excluded.series_instance_uid,
         sha256 = excluded.sha256, file = excluded.file, created_at = excluded.created_at`,
        jobId,
        sopInstanceUid,
        seriesInstanceUid,
        Buffer.from(sha256, 'hex'),
        file,
        createdAt,
      );
      return;
    }
    case 'manifest-delivered':
      sql.run(
        'UPDATE egress_manifest SET delivered_at = ?, status = ?, transaction_uid = ? WHERE job_id = ?',
        effect.deliveredAt,
        effect.status,
        effect.transactionUid,
        jobId,
      );
      return;
    case 'report-taken':
      sql.run('UPDATE egress_report SET outcome = ? WHERE id = ?', effect.outcome, effect.reportId);
  }
}

export function replaceFindings(sql: SqlRunner, jobId: number, findings: readonly EgressFinding[]): void {
  sql.run('DELETE FROM egress_finding WHERE job_id = ?', jobId);
  findings.forEach(({ code, severity, cause, remedy, subject }, ordinal) =>
    sql.run(
      'INSERT INTO egress_finding (job_id, ordinal, code, severity, cause, remedy, subject) VALUES (?, ?, ?, ?, ?, ?, ?)',
      jobId,
      ordinal,
      code,
      severity,
      cause,
      remedy,
      subject,
    ),
  );
}

/** No answer to the requests of a job is waited for any more. */
export function giveRequestsUp(sql: SqlRunner, jobId: number, at: number): void {
  sql.run(
    "UPDATE egress_commitment SET state = 'EXPIRED', answered_at = ? WHERE job_id = ? AND state = 'REQUESTED'",
    at,
    jobId,
  );
}

function recordSend(sql: SqlRunner, jobId: number, send: InstanceSend): void {
  sql.run(
    `UPDATE egress_instance SET state = ?, sends = sends + 1, sent_at = ?, status = ?, error_comment = ?
     WHERE job_id = ? AND sop_instance_uid = ?`,
    send.state,
    send.sentAt,
    send.status,
    send.errorComment,
    jobId,
    packUid(send.sopInstanceUid),
  );
}

function addCommitment(sql: SqlRunner, jobId: number, commitment: NewEgressCommitment): void {
  sql.run(
    `INSERT INTO egress_commitment (transaction_uid, job_id, requested_at, instances, answer_by, state)
     VALUES (?, ?, ?, ?, ?, 'REQUESTED')`,
    commitment.transactionUid,
    jobId,
    commitment.requestedAt,
    commitment.instances,
    commitment.answerBy,
  );
}

function answerCommitment(sql: SqlRunner, jobId: number, answer: CommitmentAnswer): void {
  const [id] =
    sql.row(
      `UPDATE egress_commitment SET state = ?, answered_at = ?, answered_on = ?, report = ?, report_transfer_syntax = ?, event_type = ?
       WHERE transaction_uid = ? AND job_id = ? RETURNING id`,
      answer.state,
      answer.answeredAt,
      answer.answeredOn,
      answer.report,
      answer.reportTransferSyntax,
      answer.eventType,
      answer.transactionUid,
      jobId,
    ) ?? [];
  for (const { sopInstanceUid, committed, failureReason } of answer.instances) {
    sql.run(
      `UPDATE egress_instance SET state = ?, commitment_id = ?, failure_reason = ? WHERE job_id = ? AND sop_instance_uid = ?`,
      committed ? 'COMMITTED' : 'FAILED',
      id,
      failureReason,
      jobId,
      packUid(sopInstanceUid),
    );
  }
}
