import type { SqliteDatabase } from '../database.ts';
import type { NewAuditMessage } from './audit-types.ts';

/** So many go with one change: whoever stores meanwhile waits for it. */
const AT_ONCE = 500;

/** The spool of audit messages. */
export function auditWrites(db: SqliteDatabase) {
  const insert = db.prepare('INSERT INTO audit_message (at, failed, message) VALUES (?, ?, ?)');
  const remove = db.prepare(
    `DELETE FROM audit_message WHERE id <= ? AND id < (SELECT min(id) FROM audit_message) + ${AT_ONCE}`,
  );
  return {
    auditAppend(messages: readonly NewAuditMessage[]): void {
      for (const { at, failed, message } of messages) insert.run(at, failed ? 1 : 0, message);
    },

    /** The repository has all up to this one: the oldest of them go. False: there are more. */
    auditDelivered(id: number): boolean {
      return remove.run(id).changes < AT_ONCE;
    },
  };
}
