import type { DimseStatus } from '../../dimse/command-types.ts';
import { STATUS } from '../../dimse/status-table.ts';
import type { FindQuery } from '../../index/matching/find-query.ts';
import type { RequestGate } from '../../retrieve/disclosure-gate.ts';
import { disclosableQuery, learner, permittedRows } from './find-disclosure.ts';
import type { FindIndex } from './find-index.ts';

// Beyond this many times the limit a count tells the user nothing more and costs the node much.
const COUNTED = 100;

/**
 * Refusing with the number tells the user to narrow the search; a silently cut answer would be taken for the whole. Where studies
 * are withheld only those that may be shown count, and the number is not told.
 */
export async function overBroad(
  query: FindQuery,
  index: FindIndex,
  { gate, limit, signal }: { readonly gate: RequestGate; readonly limit: number; readonly signal: AbortSignal },
): Promise<DimseStatus | undefined> {
  if (limit === 0 || (await index.countMatches(query, limit + 1, signal)) <= limit) return undefined;
  if (!gate.isOpen) return permittedOverBroad(query, index, { gate, limit, signal });
  const matches = await index.countMatches(query, limit * COUNTED, signal);
  const number = matches >= limit * COUNTED ? `${matches} or more` : matches;
  return { code: STATUS.OutOfResources, errorComment: `${number} matches, limit ${limit}: narrow the query` };
}

async function permittedOverBroad(
  query: FindQuery,
  index: FindIndex,
  { gate, limit, signal }: { readonly gate: RequestGate; readonly limit: number; readonly signal: AbortSignal },
): Promise<DimseStatus | undefined> {
  const keys = disclosableQuery({ ...query, returnKeys: [] }, gate);
  let permitted = 0;
  let seen = 0;
  for await (const rows of index.find(keys, signal, learner(keys, gate))) {
    seen += rows.length;
    permitted += (await permittedRows(rows, keys, gate)).length;
    if (permitted > limit || seen > limit * COUNTED)
      return { code: STATUS.OutOfResources, errorComment: `more than ${limit} matches: narrow the query` };
  }
  return undefined;
}
