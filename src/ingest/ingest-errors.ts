import { KuvaError } from '../core/errors.ts';
import type { ErrorFacts } from '../core/errors.ts';

/** The data set is not what the command announced (PS3.4 B.2.3, A900). `tag`: the attribute that disagrees. */
export class DataSetMismatchError extends KuvaError {
  override readonly name = 'DataSetMismatchError';
  readonly tag: number;

  constructor(tag: number, message: string, facts: ErrorFacts = {}) {
    super('DATA_SET_MISMATCH', message, { tag, ...facts });
    this.tag = tag;
  }
}

/** The object could not be found again by anybody, so it is set aside (PS3.4 B.2.3, C000). `tag`: where, 0 when unknown. */
export class CannotUnderstandError extends KuvaError {
  override readonly name = 'CannotUnderstandError';
  readonly tag: number;

  constructor(code: string, tag: number, message: string, facts: ErrorFacts = {}, cause?: unknown) {
    super(code, message, { tag, ...facts }, cause);
    this.tag = tag;
  }
}

/** A rejection note has excluded this object for good (IHE IOCM). `status`: what the archive profile answers then. */
export class RejectedInstanceError extends KuvaError {
  override readonly name = 'RejectedInstanceError';
  readonly status: number;

  constructor(status: number, cause: Error) {
    super('INSTANCE_REJECTED', 'This object was rejected here: a corrected one needs new UIDs', { status }, cause);
    this.status = status;
  }
}
