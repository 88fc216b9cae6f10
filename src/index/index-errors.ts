import { KuvaError } from '../core/errors.ts';
import type { ErrorFacts } from '../core/errors.ts';

/** The index could not be opened or cannot be trusted: start-up stops. */
export class IndexOpenError extends KuvaError {
  override readonly name = 'IndexOpenError';
}

/**
 * One request to the index failed. `code` is INDEX_FULL (disk full), INDEX_BUSY (another process held the
 * write lock too long), INDEX_READ_ONLY, INDEX_ROW_REJECTED (this row only), INDEX_FAILED (unknown, the object is not to blame), INDEX_FATAL (an I/O error: nothing
 * more is acknowledged, the process must stop) or INDEX_CLOSED.
 */
export class IndexError extends KuvaError {
  override readonly name = 'IndexError';
}

/** A C-FIND identifier that cannot be answered (PS3.4 C.4.1.1.4): becomes status `status` with `tag` as offending element. */
export class IdentifierError extends KuvaError {
  override readonly name = 'IdentifierError';
  readonly status: number;
  readonly tag: number;
  readonly text: string;

  constructor(status: number, tag: number, text: string, facts: ErrorFacts = {}) {
    super('IDENTIFIER_INVALID', text, { status, tag, ...facts });
    this.status = status;
    this.tag = tag;
    this.text = text;
  }
}
