import { consistencyProof, inclusionProof, rootHash } from '../../core/merkle.ts';
import type { SubtreeHash } from '../../core/merkle.ts';
import type { Cell, StatementCache } from '../reader/statement-cache.ts';
import type { AccessLogName, LogEntryRow, LogHead, LogQuery } from './access-log-types.ts';

const ENTRY = 'SELECT log, seq, at, person, record FROM access_log_entry';

export function accessLogSize(statements: StatementCache, log: AccessLogName): number {
  const row = statements.get('SELECT coalesce(max(seq) + 1, 0) FROM access_log_entry WHERE log = ?').get(log);
  return Number(row?.[0] ?? 0);
}

/** Newest first. */
export function accessLogEntries(statements: StatementCache, query: LogQuery): LogEntryRow[] {
  const conditions: [sql: string, value: string | number | undefined][] = [
    ['log = ?', query.log],
    ['person = ?', query.person],
    ['at >= ?', query.from],
    ['at < ?', query.to],
  ];
  const given = conditions.filter(([, value]) => value !== undefined);
  const where = given.length === 0 ? '' : `WHERE ${given.map(([sql]) => sql).join(' AND ')}`;
  return statements
    .get(`${ENTRY} ${where} ORDER BY at DESC, log, seq DESC LIMIT ?`)
    .all(...given.map(([, value]) => value), query.limit)
    .map(entryRow);
}

export function accessLogEntry(statements: StatementCache, log: AccessLogName, seq: number): LogEntryRow | undefined {
  const row = statements.get(`${ENTRY} WHERE log = ? AND seq = ?`).get(log, seq);
  return row === undefined ? undefined : entryRow(row);
}

/** The last entry before `at` (ms) when all before it are older, too; -1 when there is none. */
export function accessLogLastBefore(statements: StatementCache, log: AccessLogName, at: number): number {
  const row = statements
    .get('SELECT coalesce(min(seq), -1) FROM access_log_entry WHERE log = ? AND at >= ?')
    .get(log, at);
  const firstYoung = Number(row?.[0] ?? -1);
  return firstYoung < 0 ? accessLogSize(statements, log) - 1 : firstYoung - 1;
}

/** Root over the first `size` entries from the kept subtrees, in hex. */
export function accessLogRoot(statements: StatementCache, log: AccessLogName, size: number): string {
  return rootHash(size, kept(statements, log)).toString('hex');
}

/** RFC 6962 2.1.1, in hex. */
export function accessLogInclusion(
  statements: StatementCache,
  log: AccessLogName,
  seq: number,
  size: number,
): string[] {
  return inclusionProof(seq, size, kept(statements, log)).map((hash) => hash.toString('hex'));
}

/** RFC 6962 2.1.2, in hex. */
export function accessLogConsistency(
  statements: StatementCache,
  log: AccessLogName,
  older: number,
  size: number,
): string[] {
  return consistencyProof(older, size, kept(statements, log)).map((hash) => hash.toString('hex'));
}

const HEADS = 'SELECT size, lower(hex(root)), signed_at, note FROM access_log_head WHERE log = ? ORDER BY size';

/** Signed heads, the smallest tree first. */
export function accessLogHeads(statements: StatementCache, log: AccessLogName): LogHead[] {
  return statements
    .get(HEADS)
    .all(log)
    .map((row) => headRow(log, row));
}

/** The head over the largest tree. Of heads there are tens of thousands a year. */
export function accessLogLastHead(statements: StatementCache, log: AccessLogName): LogHead | undefined {
  const row = statements.get(`${HEADS} DESC LIMIT 1`).get(log);
  return row === undefined ? undefined : headRow(log, row);
}

function headRow(log: AccessLogName, row: readonly Cell[]): LogHead {
  return { log, size: Number(row[0]), root: String(row[1]), signedAt: Number(row[2]), note: String(row[3]) };
}

function kept(statements: StatementCache, log: AccessLogName): SubtreeHash {
  const leaf = statements.get('SELECT leaf FROM access_log_entry WHERE log = ? AND seq = ?');
  const node = statements.get('SELECT hash FROM access_log_node WHERE log = ? AND level = ? AND position = ?');
  return (level, position) => {
    const row = level === 0 ? leaf.get(log, position) : node.get(log, level, position);
    if (row === undefined) throw new RangeError(`the ${log} log lacks hash ${level}/${position}: kuva log verify`);
    return row[0] as Buffer;
  };
}

function entryRow(row: readonly Cell[]): LogEntryRow {
  return {
    log: String(row[0]) as AccessLogName,
    seq: Number(row[1]),
    at: Number(row[2]),
    person: String(row[3]),
    record: row[4] === null ? null : String(row[4]),
  };
}
