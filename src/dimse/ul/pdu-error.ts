import { KuvaError, type ErrorFacts } from '../../core/errors.ts';
import { ABORT_REASON } from './pdu-types.ts';

/** A PDU that PS3.8 does not allow (event Evt19); `reason` is the A-ABORT reason of table 9-26. */
export class PduError extends KuvaError {
  override readonly name = 'PduError';
  readonly reason: number;
  /** A length beyond a limit of ours, rather than a malformed PDU. */
  readonly tooLong: boolean;

  constructor(reason: number, message: string, facts: ErrorFacts = {}, tooLong = false) {
    super('PDU_INVALID', message, facts);
    this.reason = reason;
    this.tooLong = tooLong;
  }
}

/** A field whose value is not allowed. */
export function invalidParameter(message: string, facts: ErrorFacts = {}): PduError {
  return new PduError(ABORT_REASON.InvalidParameter, message, facts);
}
