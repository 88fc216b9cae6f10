import type { DimseStatus } from '../../dimse/command-types.ts';
import { STATUS } from '../../dimse/status-table.ts';
import { disclosableQuery, learner, permittedRows } from './find-disclosure.ts';
import type { FindSide } from './find-sides.ts';

// Beyond this many times the limit a count tells the user nothing more and costs the node much.
const COUNTED = 100;

/**
 * Refusing with the number tells the user to narrow the search; a silently cut answer would be taken for the whole. Where studies
 * are withheld only those that may be shown count, and the number is not told.
 */
export async function overBroad(
  sides: readonly FindSide[],
  { limit, signal }: { readonly limit: number; readonly signal: AbortSignal },
): Promise<DimseStatus | undefined> {
  if (limit === 0) return undefined;
  let matches = 0;
  for (const { query, index } of sides) matches += await index.countMatches(query, limit + 1 - matches, signal);
  if (matches <= limit) return undefined;
  const [archive] = sides;
  if (archive === undefined || !archive.gate.isOpen) return permittedOverBroad(sides, limit, signal);
  const all = await archive.index.countMatches(archive.query, limit * COUNTED, signal);
  const number = all >= limit * COUNTED ? `${all} or more` : all;
  return { code: STATUS.OutOfResources, errorComment: `${number} matches, limit ${limit}: narrow the query` };
}

async function permittedOverBroad(
  sides: readonly FindSide[],
  limit: number,
  signal: AbortSignal,
): Promise<DimseStatus | undefined> {
  let permitted = 0;
  let seen = 0;
  for (const { query, index, gate } of sides) {
    const keys = disclosableQuery({ ...query, returnKeys: [] }, gate);
    for await (const rows of index.find(keys, signal, learner(keys, gate))) {
      seen += rows.length;
      permitted += (await permittedRows(rows, keys, gate)).length;
      if (permitted > limit || seen > limit * COUNTED)
        return { code: STATUS.OutOfResources, errorComment: `more than ${limit} matches: narrow the query` };
    }
  }
  return undefined;
}
