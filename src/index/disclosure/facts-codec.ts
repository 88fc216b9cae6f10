import type { Cell } from '../reader/statement-cache.ts';
import type { DisclosedStudy, DisclosureFacts } from './disclosure-types.ts';
import { willOf } from './will-columns-table.ts';

/**
 * Facts on their way between threads: JSON, which costs a quarter of what a copy of as many objects does, and which the database
 * writes already. Read with `decodeFacts`.
 */
export type EncodedFacts = string & { readonly encodedFacts: unique symbol };

/** Whoever wants the facts of what a search finds, before each batch of it. */
export interface FactsTaker {
  /** Without them: what the registers say of the patients. */
  readonly wills: boolean;
  take(facts: EncodedFacts): void;
}

/** `wills`: patients in capitals, with their rows as `willRows` gives them. */
export function encodeFacts(
  studies: readonly DisclosedStudy[],
  wills: readonly (readonly [patientId: string, rows: readonly (readonly [number, string])[]])[],
): EncodedFacts {
  const encoded = wills.map(
    ([id, rows]) => `[${JSON.stringify(id)},[${rows.map(([at, json]) => `[${at},${json}]`).join(',')}]]`,
  );
  return `{"studies":${JSON.stringify(studies)},"wills":[${encoded.join(',')}]}` as EncodedFacts;
}

export function decodeFacts(text: EncodedFacts): DisclosureFacts {
  const { studies, wills } = JSON.parse(text) as {
    studies: DisclosedStudy[];
    wills: [string, [number, Cell[]][]][];
  };
  return { studies, wills: wills.map(([id, rows]) => [id, willOf(rows)]) };
}
