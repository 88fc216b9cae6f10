import type { SqliteDatabase } from '../database.ts';
import type { NewAuditMessage } from './audit-types.ts';

/** Puts messages at the end of the spool, in the transaction of whatever they tell of. */
export function auditAppender(db: SqliteDatabase): (messages: readonly NewAuditMessage[]) => void {
  const insert = db.prepare('INSERT INTO audit_message (at, failed, message) VALUES (?, ?, ?)');
  return (messages) => {
    for (const { at, failed, message } of messages) insert.run(at, failed ? 1 : 0, message);
  };
}
