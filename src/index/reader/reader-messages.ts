import type { ErrorParts } from '../error-parts.ts';
import type { EncodedFacts } from '../disclosure/facts-codec.ts';
import type { InstanceSelection } from '../index-types.ts';
import type { FindQuery } from '../matching/find-query.ts';
import type { CancelCell } from './cancellation.ts';
import type { ReadOperation } from './read-operations.ts';

/**
 * What each batch of a C-FIND brings beside its rows: nothing, facts of the studies, or also what the registers say of their patients. The
 * Study Instance UID is among the return keys then.
 */
export type FactsOfFind = 'none' | 'studies' | 'wills';

/** The archive, when left out; else what an organisation sees of its own objects in the studies of others. */
export interface AskedOf {
  readonly guest?: string | undefined;
}

/** To a reader thread. A cursor gives one batch when it opens and one for every `next`. */
export type ReaderInput = AskedOf & ReaderRequest;

type ReaderRequest =
  | { readonly id: number; readonly kind: 'open' }
  | { readonly id: number; readonly kind: 'call'; readonly operation: ReadOperation; readonly args: readonly unknown[] }
  | {
      readonly id: number;
      readonly kind: 'count';
      readonly query: FindQuery;
      readonly limit: number;
      readonly cell: CancelCell;
    }
  | {
      readonly id: number;
      readonly kind: 'find';
      readonly query: FindQuery;
      readonly cell: CancelCell;
      readonly facts: FactsOfFind;
    }
  | { readonly id: number; readonly kind: 'select'; readonly selection: InstanceSelection; readonly cell: CancelCell }
  | { readonly id: number; readonly kind: 'next' }
  | { readonly id: number; readonly kind: 'close' }
  | { readonly id: number; readonly kind: 'stop' };

export type ReaderOutput =
  | { readonly kind: 'opened' }
  | { readonly kind: 'open-failed'; readonly error: ErrorParts }
  | { readonly kind: 'value'; readonly id: number; readonly value: unknown }
  | {
      readonly kind: 'batch';
      readonly id: number;
      readonly rows: readonly unknown[];
      readonly done: boolean;
      readonly facts: EncodedFacts | undefined;
    }
  | { readonly kind: 'error'; readonly id: number; readonly error: ErrorParts };
