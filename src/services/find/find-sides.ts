import type { FindQuery, FindRow } from '../../index/matching/find-query.ts';
import type { RequestGate } from '../../retrieve/disclosure-gate.ts';
import { discloseRows, disclosableQuery, learner, withoutWithheld } from './find-disclosure.ts';
import type { FindIndex } from './find-index.ts';

/** One of the places that a query is answered from, with what is asked of it. */
export interface FindSide {
  readonly query: FindQuery;
  readonly index: FindIndex;
  readonly gate: RequestGate;
}

/** The archive, and where the asker is answered about its own objects in withheld studies; those that can have an answer. */
export async function findSides(query: FindQuery, index: FindIndex, gate: RequestGate): Promise<FindSide[]> {
  const sides = [{ index, gate }, ...(gate.guests === undefined ? [] : [gate.guests])];
  const asked = await Promise.all(sides.map((side) => withoutWithheld(query, side.gate)));
  return sides.flatMap((side, at) => {
    const narrowed = asked[at];
    return narrowed === undefined ? [] : [{ ...side, query: narrowed }];
  });
}

/** The matches as they may be shown, in batches; when one comes it is on record that it is shown. A patient is shown once. */
export async function* foundRows(
  sides: readonly FindSide[],
  stop: AbortSignal,
): AsyncGenerator<readonly FindRow[], void> {
  const patients = new Set<string>();
  for (const { query, index, gate } of sides) {
    for await (const rows of index.find(disclosableQuery(query, gate), stop, learner(query, gate))) {
      yield await discloseRows(rows, query, gate, patients);
    }
  }
}
