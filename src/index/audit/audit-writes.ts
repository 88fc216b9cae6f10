import type { SqliteDatabase } from '../database.ts';
import { auditAppender } from './audit-appender.ts';
import type { NewAuditMessage } from './audit-types.ts';

/** So many go with one change: whoever stores meanwhile waits for it. */
const AT_ONCE = 500;

/** The spool of audit messages, and what becomes messages when a reception ends. */
export function auditWrites(db: SqliteDatabase) {
  const append = auditAppender(db);
  const remove = db.prepare(
    `DELETE FROM audit_message WHERE id <= ? AND id < (SELECT min(id) FROM audit_message) + ${AT_ONCE}`,
  );
  const forgetParts = db.prepare(
    'DELETE FROM audit_received WHERE reception_id = (SELECT id FROM audit_reception WHERE key = ?)',
  );
  const forgetReception = db.prepare('DELETE FROM audit_reception WHERE key = ?');
  return {
    auditAppend: append,

    /** The repository has all up to this one: the oldest of them go. False: there are more. */
    auditDelivered(id: number): boolean {
      return remove.run(id).changes < AT_ONCE;
    },

    /** What was counted becomes these messages. */
    auditReceptionEnd(key: string, messages: readonly NewAuditMessage[]): void {
      append(messages);
      forgetParts.run(key);
      forgetReception.run(key);
    },
  };
}
