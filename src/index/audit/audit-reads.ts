import type { StatementCache } from '../reader/statement-cache.ts';
import type { AuditBacklog, SpooledMessage } from './audit-types.ts';

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
