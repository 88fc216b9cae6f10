import {
  AssociationAbortedError,
  type AssociationError,
  AssociationProtocolError,
  AssociationRejectedError,
  AssociationTimeoutError,
  ConnectionClosedError,
} from '../association-errors.ts';
import type { Abort, AssociateReject } from './associate-types.ts';
import type { PduError } from './pdu-error.ts';
import { ABORT_REASON, abortText, rejectText } from './pdu-types.ts';
import type { Event } from './state-table.ts';

/** Why an association ended, from the event that ended it; undefined for an orderly release. */
export function endCause(event: Event, input: unknown, artimMs: number): AssociationError | undefined {
  switch (event) {
    case 'Evt4':
      return input === undefined ? unexpectedPdu(event) : rejected(input as AssociateReject);
    case 'Evt6':
      return input === undefined ? unexpectedPdu(event) : rejected(input as AssociateReject);
    case 'Evt8':
      return rejected(input as AssociateReject);
    case 'Evt13':
    case 'Evt14':
      return undefined;
    case 'Evt15':
      return input as AssociationError;
    case 'Evt16': {
      const { source, reason } = input as Abort;
      return new AssociationAbortedError(true, source, reason, abortText(source, reason));
    }
    case 'Evt17':
      return new ConnectionClosedError('the peer closed the connection', input);
    case 'Evt18':
      return new AssociationTimeoutError('artim', artimMs);
    case 'Evt19': {
      const error = input as PduError;
      return new AssociationProtocolError(
        error.tooLong ? 'too-long' : 'protocol-error',
        error.reason,
        error.message,
        error.facts,
      );
    }
    default:
      return unexpectedPdu(event);
  }
}

function rejected(reject: AssociateReject): AssociationRejectedError {
  const { result, source, reason } = reject;
  return new AssociationRejectedError(result, source, reason, rejectText(result, source, reason));
}

function unexpectedPdu(event: Event): AssociationProtocolError {
  return new AssociationProtocolError('protocol-error', ABORT_REASON.UnexpectedPdu, 'PDU not allowed in this state', {
    event,
  });
}
