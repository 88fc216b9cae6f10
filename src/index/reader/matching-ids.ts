import { setImmediate as yieldToOthers } from 'node:timers/promises';
import type { Condition } from '../matching/condition.ts';
import type { QueryLevel } from '../matching/find-query.ts';
import { idsSql, maxIdSql } from '../matching/find-sql.ts';
import type { CancelCell } from './cancellation.ts';
import { isCancelled } from './cancellation.ts';
import type { StatementCache } from './statement-cache.ts';

/** Ids looked at between two chances for others to run: a few milliseconds. */
const WINDOW = 10_000;
const CHECK_EVERY = 1024;

/**
 * The ids of the matching rows, in blocks. No cursor stays open between blocks, so a slow peer holds no snapshot and
 * the log can be cut. Where no index narrows the rows the table is walked in windows of ids, and the thread serves
 * others and sees a cancel between two windows.
 */
export async function* matchingIds(
  statements: StatementCache,
  level: QueryLevel,
  where: Condition | undefined,
  cell: CancelCell,
  limit: number,
): AsyncGenerator<number[], void> {
  if (where?.indexed === true) {
    // In the order of their arrival: rows that came together lie together.
    yield collect(statements, idsSql(level, where, false), where.values, cell, limit).sort((a, b) => a - b);
    return;
  }
  const last = Number(statements.get(maxIdSql(level)).get()?.[0] ?? 0);
  const sql = idsSql(level, where, true);
  let left = limit;
  for (let low = 0; low < last && left > 0 && !isCancelled(cell); low += WINDOW) {
    const ids = collect(statements, sql, [low, Math.min(low + WINDOW, last), ...(where?.values ?? [])], cell, left);
    left -= ids.length;
    if (ids.length > 0) yield ids;
    await yieldToOthers();
  }
}

function collect(
  statements: StatementCache,
  sql: string,
  values: readonly unknown[],
  cell: CancelCell,
  limit: number,
): number[] {
  const ids: number[] = [];
  if (limit <= 0) return ids;
  for (const row of statements.get(sql).iterate(...values)) {
    ids.push(Number(row[0]));
    if (ids.length >= limit) break;
    if (ids.length % CHECK_EVERY === 0 && isCancelled(cell)) break;
  }
  return ids;
}
