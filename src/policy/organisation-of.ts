import type { AeRow } from '../index/index-types.ts';

/** Whose an AE is: that of its entry, else the node's own, as for what it sends; nobody's when it is not registered. */
export function organisationOf(entry: Pick<AeRow, 'organisation'> | undefined, ofNode: string | null): string | null {
  return entry === undefined ? null : (entry.organisation ?? ofNode);
}
