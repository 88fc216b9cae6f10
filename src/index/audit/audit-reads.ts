import type { StatementCache } from '../reader/statement-cache.ts';
import type { SpooledMessage } from './audit-types.ts';

/** Messages behind `after`, oldest first. */
export function auditWaiting(statements: StatementCache, after: number, limit: number): SpooledMessage[] {
  return statements
    .get('SELECT id, at, failed, message FROM audit_message WHERE id > ? ORDER BY id LIMIT ?')
    .all(after, limit)
    .map((row) => ({ id: Number(row[0]), at: Number(row[1]), failed: row[2] === 1, message: String(row[3]) }));
}

/** How many wait, and since when (ms); null when none does. */
export function auditBacklog(statements: StatementCache): {
  readonly messages: number;
  readonly oldestAt: number | null;
} {
  const row = statements.get('SELECT count(*), min(at) FROM audit_message').get();
  const oldest = row?.[1] ?? null;
  return { messages: Number(row?.[0] ?? 0), oldestAt: oldest === null ? null : Number(oldest) };
}
