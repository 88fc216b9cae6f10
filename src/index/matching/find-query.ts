export type QueryRoot = 'PATIENT' | 'STUDY';
export type QueryLevel = 'PATIENT' | 'STUDY' | 'SERIES' | 'IMAGE';

/** From the top of the hierarchy down (PS3.4 C.6.1.1). */
export const LEVELS: readonly QueryLevel[] = ['PATIENT', 'STUDY', 'SERIES', 'IMAGE'];

/** One key with what it has to match (PS3.4 C.2.2.2). A range without `from` or `to` is open at that end. */
export type FindKey =
  | { readonly tag: number; readonly kind: 'universal' }
  | { readonly tag: number; readonly kind: 'single'; readonly value: string }
  | { readonly tag: number; readonly kind: 'wildcard'; readonly value: string }
  | { readonly tag: number; readonly kind: 'list'; readonly values: readonly string[] }
  | { readonly tag: number; readonly kind: 'range'; readonly from: string | undefined; readonly to: string | undefined }
  | { readonly tag: number; readonly kind: 'sequence'; readonly keys: readonly FindKey[] };

/** What a C-FIND asks for, checked and typed; text is Unicode. */
export interface FindQuery {
  readonly root: QueryRoot;
  readonly level: QueryLevel;
  readonly keys: readonly FindKey[];
  /** Relational search: unique keys of the levels above are not required. */
  readonly relational: boolean;
  /** Words of a person name in any order, each by its beginning. */
  readonly fuzzy: boolean;
  /** Study Date and Study Time as one range (PS3.4 C.2.2.2.5.1). */
  readonly combinedDateTime: boolean;
  /** Minutes east of UTC in which the date and time keys are meant; null: as the objects have them. */
  readonly timezoneOffset: number | null;
  /** Supported attributes to return, in the order of the identifier. */
  readonly returnKeys: readonly number[];
  /** Keys that are not supported for existence or for matching: pending responses carry FF01 (PS3.4 C.4.1.1.4). */
  readonly unsupportedKeys: readonly number[];
  /** Quality control: what is rejected is found, too. */
  readonly rejectedToo: boolean;
  /** Most rows to give; Infinity for all. */
  readonly limit: number;
}

/** One match: Unicode text by tag, values joined by a backslash, items of sequences nested. '' for no value. */
export interface FindRow {
  [tag: number]: string | FindRow[];
}

/** What a caller that narrows by rows, not by an identifier, leaves open. */
export function findQuery(
  query: Pick<FindQuery, 'root' | 'level' | 'keys' | 'returnKeys'> & Partial<FindQuery>,
): FindQuery {
  return {
    relational: true,
    fuzzy: false,
    combinedDateTime: false,
    timezoneOffset: null,
    unsupportedKeys: [],
    rejectedToo: false,
    limit: Number.POSITIVE_INFINITY,
    ...query,
  };
}
