import type { StatementCache } from '../reader/statement-cache.ts';

/** Who had sent an object of the tree before the reindex at work; undefined for one that the index did not know. */
export function rebuildSender(
  statements: StatementCache,
  sha256: string,
): { readonly callingAET: string; readonly organisation: string | null } | undefined {
  const row = statements
    .get('SELECT aet, organisation FROM rebuild_sender WHERE sha256 = ?')
    .get(Buffer.from(sha256, 'hex'));
  if (row === undefined) return undefined;
  return { callingAET: String(row[0]), organisation: row[1] === '' ? null : String(row[1]) };
}
