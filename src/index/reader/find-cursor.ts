import { findConditions } from '../matching/find-conditions.ts';
import type { FindQuery, FindRow } from '../matching/find-query.ts';
import type { EncodedFacts } from '../disclosure/facts-codec.ts';
import type { FactsOfFind } from './reader-messages.ts';
import { FactsReader } from '../disclosure/facts-reader.ts';
import { isCancelled } from './cancellation.ts';
import type { CancelCell } from './cancellation.ts';
import { matchingIds } from './matching-ids.ts';
import { RowReader } from './row-reader.ts';
import type { StatementCache } from './statement-cache.ts';

/** A query under way: hands out a batch when it is asked for one. */
export interface Cursor<Row> {
  next(): Promise<{ readonly rows: Row[]; readonly done: boolean; readonly facts?: EncodedFacts | undefined }>;
}

/**
 * Small first, so that the first answers leave early; then larger, since each is a commit where what is shown has to be on record; bounded,
 * so that a batch blocks its thread for a few ms at most.
 */
const FIRST_BATCH = 16;
const LARGEST_BATCH = 256;

export class FindCursor implements Cursor<FindRow> {
  readonly #ids: AsyncGenerator<number[], void>;
  readonly #reader: RowReader;
  readonly #cell: CancelCell;
  readonly #facts: FactsReader | undefined;
  #waiting: number[] = [];
  #at = 0;
  #size = FIRST_BATCH;

  constructor(statements: StatementCache, query: FindQuery, cell: CancelCell, facts: FactsOfFind = 'none') {
    this.#facts = facts === 'none' ? undefined : new FactsReader(statements, facts === 'wills');
    this.#ids = matchingIds(statements, query.level, findConditions(query), cell, query.limit);
    this.#reader = new RowReader(statements, query);
    this.#cell = cell;
  }

  async next(): Promise<{ rows: FindRow[]; done: boolean; facts: EncodedFacts | undefined }> {
    const { rows, done } = await this.#batch();
    return { rows, done, facts: this.#facts?.of(rows) };
  }

  async #batch(): Promise<{ rows: FindRow[]; done: boolean }> {
    const rows: FindRow[] = [];
    while (rows.length < this.#size) {
      if (isCancelled(this.#cell)) return { rows: [], done: true };
      if (this.#at >= this.#waiting.length) {
        const more = await this.#ids.next();
        if (more.done === true) return { rows, done: true };
        this.#waiting = more.value;
        this.#at = 0;
        continue;
      }
      const row = this.#reader.read(this.#waiting[this.#at] ?? 0);
      this.#at += 1;
      if (row !== undefined) rows.push(row);
    }
    this.#size = Math.min(this.#size * 4, LARGEST_BATCH);
    return { rows, done: false };
  }
}

/** How many rows match, counting no further than `limit`. */
export async function countMatches(
  statements: StatementCache,
  query: FindQuery,
  limit: number,
  cell: CancelCell,
): Promise<number> {
  let count = 0;
  for await (const ids of matchingIds(statements, query.level, findConditions(query), cell, limit)) count += ids.length;
  return count;
}
