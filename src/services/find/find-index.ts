import type { FindQuery, FindRow } from '../../index/matching/find-query.ts';

/** Port: the index as C-FIND asks it. */
export interface FindIndex {
  /** batches of matches; stops when the signal fires */
  find(query: FindQuery, signal: AbortSignal): AsyncIterable<readonly FindRow[]>;
  /** matches, counted no further than `limit` */
  countMatches(query: FindQuery, limit: number, signal: AbortSignal): Promise<number>;
}
