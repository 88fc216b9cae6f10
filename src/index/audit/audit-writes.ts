import type { SqliteDatabase } from '../database.ts';
import type { NewAuditMessage } from './audit-types.ts';

/** The spool of audit messages. */
export function auditWrites(db: SqliteDatabase) {
  const insert = db.prepare('INSERT INTO audit_message (at, failed, message) VALUES (?, ?, ?)');
  const remove = db.prepare('DELETE FROM audit_message WHERE id <= ?');
  return {
    auditAppend(messages: readonly NewAuditMessage[]): void {
      for (const { at, failed, message } of messages) insert.run(at, failed ? 1 : 0, message);
    },

    /** The repository has all up to this one. */
    auditDelivered(id: number): void {
      remove.run(id);
    },
  };
}
