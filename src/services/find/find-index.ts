import type { FactsTaker } from '../../index/disclosure/facts-codec.ts';
import type { FindQuery, FindRow } from '../../index/matching/find-query.ts';

/** Port: the index as C-FIND asks it. */
export interface FindIndex {
  /** batches of matches; stops when the signal fires; `learn` is told, before each batch, what deciding about its studies needs */
  find(query: FindQuery, signal: AbortSignal, learn?: FactsTaker): AsyncIterable<readonly FindRow[]>;
  /** matches, counted no further than `limit` */
  countMatches(query: FindQuery, limit: number, signal: AbortSignal): Promise<number>;
}
