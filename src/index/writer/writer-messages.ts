import type { ErrorParts } from '../error-parts.ts';
import type { WriteRequest } from './group-commit.ts';

/** To the writer thread: changes in the order in which they were asked for, and files that have become durable. */
export interface WriterInput {
  readonly requests: readonly WriteRequest[];
  readonly durable: readonly number[];
  readonly close: boolean;
}

export type WriterOutcome =
  | { readonly id: number; readonly value: unknown }
  | { readonly id: number; readonly error: ErrorParts };

/** From the writer thread. */
export type WriterOutput =
  | { readonly kind: 'opened' }
  | { readonly kind: 'open-failed'; readonly error: ErrorParts }
  | {
      readonly kind: 'outcomes';
      readonly outcomes: readonly WriterOutcome[];
      readonly batchMs: number;
      readonly rows: number;
    }
  | { readonly kind: 'fatal'; readonly error: ErrorParts };
