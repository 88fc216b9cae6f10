import type { StatementCache } from '../reader/statement-cache.ts';
import type { AuditBacklog, AuditReception, ReceivedPart, SpooledMessage } from './audit-types.ts';

/** Messages behind `after`, oldest first. */
export function auditWaiting(statements: StatementCache, after: number, limit: number): SpooledMessage[] {
  return statements
    .get('SELECT id, at, failed, message FROM audit_message WHERE id > ? ORDER BY id LIMIT ?')
    .all(after, limit)
    .map((row) => ({ id: Number(row[0]), at: Number(row[1]), failed: row[2] === 1, message: String(row[3]) }));
}

/** Ids have no gaps, since they are given in the transaction that adds and taken from the low end: two of them tell the number of all. */
export function auditBacklog(statements: StatementCache): AuditBacklog {
  const oldest = statements.get('SELECT id, at FROM audit_message ORDER BY id LIMIT 1').get();
  const newest = statements.get('SELECT id FROM audit_message ORDER BY id DESC LIMIT 1').get();
  if (oldest === undefined || newest === undefined) return { messages: 0, oldestAt: null };
  return { messages: Number(newest[0]) - Number(oldest[0]) + 1, oldestAt: Number(oldest[1]) };
}

/** What has been counted of a reception so far; undefined when nothing has. */
export function auditReception(statements: StatementCache, key: string): AuditReception | undefined {
  const row = statements.get('SELECT id, facts FROM audit_reception WHERE key = ?').get(key);
  if (row === undefined) return undefined;
  const parts = statements
    .get(
      'SELECT study_instance_uid, patient_id, sop_class_uid, kind, instances FROM audit_received WHERE reception_id = ?',
    )
    .all(row[0]);
  return {
    key,
    facts: String(row[1]),
    parts: parts.map((part) => ({
      studyInstanceUid: String(part[0]),
      patientId: String(part[1]),
      sopClassUid: String(part[2]),
      kind: part[3] as ReceivedPart['kind'],
      instances: Number(part[4]),
    })),
  };
}

/** Of all that are not yet told, those that began first first. */
export function auditReceptionKeys(statements: StatementCache): string[] {
  return statements
    .get('SELECT key FROM audit_reception ORDER BY id')
    .all()
    .map((row) => String(row[0]));
}
