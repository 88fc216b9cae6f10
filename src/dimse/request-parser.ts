import type { DimseRequest } from './command-types.ts';
import type { DecodedCommand } from './command-decoder.ts';
import { COMMAND, ELEMENT, type CommandSet } from './command-set.ts';
import { STATUS } from './status-table.ts';

/** A request whose parameters PS3.7 does not allow, to be answered with this status instead of being performed. */
export interface RefusedRequest {
  readonly status: number;
  readonly offendingElement: readonly number[];
  readonly errorComment: string;
}

export type ParsedRequest = { readonly request: DimseRequest } | { readonly refused: RefusedRequest };

/**
 * Picks the parameters of a request, PS3.7 9.3 and 10.3, each present and valid. The caller has checked Command Field and Message ID.
 */
export function parseRequest(decoded: DecodedCommand): ParsedRequest {
  const { set } = decoded;
  const refused = firstInvalid(decoded);
  if (refused !== undefined) return { refused };
  const MessageID = set.MessageID!;
  switch (set.CommandField) {
    case COMMAND.CEchoRQ:
      return (
        missing(set, ['AffectedSOPClassUID']) ?? {
          request: { command: 'C-ECHO-RQ', MessageID, AffectedSOPClassUID: set.AffectedSOPClassUID! },
        }
      );
    case COMMAND.CStoreRQ:
      return (
        missing(set, ['AffectedSOPClassUID', 'AffectedSOPInstanceUID']) ?? {
          request: {
            command: 'C-STORE-RQ',
            MessageID,
            Priority: set.Priority ?? 0,
            AffectedSOPClassUID: set.AffectedSOPClassUID!,
            AffectedSOPInstanceUID: set.AffectedSOPInstanceUID!,
            MoveOriginatorApplicationEntityTitle: set.MoveOriginatorApplicationEntityTitle,
            MoveOriginatorMessageID: set.MoveOriginatorMessageID,
          },
        }
      );
    case COMMAND.CFindRQ:
    case COMMAND.CGetRQ:
      return (
        missing(set, ['AffectedSOPClassUID']) ?? {
          request: {
            command: set.CommandField === COMMAND.CFindRQ ? 'C-FIND-RQ' : 'C-GET-RQ',
            MessageID,
            Priority: set.Priority ?? 0,
            AffectedSOPClassUID: set.AffectedSOPClassUID!,
          },
        }
      );
    case COMMAND.CMoveRQ:
      return (
        missing(set, ['AffectedSOPClassUID', 'MoveDestination']) ?? {
          request: {
            command: 'C-MOVE-RQ',
            MessageID,
            Priority: set.Priority ?? 0,
            AffectedSOPClassUID: set.AffectedSOPClassUID!,
            MoveDestination: set.MoveDestination!,
          },
        }
      );
    case COMMAND.NActionRQ:
      return (
        missing(set, ['RequestedSOPClassUID', 'RequestedSOPInstanceUID', 'ActionTypeID']) ?? {
          request: {
            command: 'N-ACTION-RQ',
            MessageID,
            RequestedSOPClassUID: set.RequestedSOPClassUID!,
            RequestedSOPInstanceUID: set.RequestedSOPInstanceUID!,
            ActionTypeID: set.ActionTypeID!,
          },
        }
      );
    case COMMAND.NEventReportRQ:
      return (
        missing(set, ['AffectedSOPClassUID', 'AffectedSOPInstanceUID', 'EventTypeID']) ?? {
          request: {
            command: 'N-EVENT-REPORT-RQ',
            MessageID,
            AffectedSOPClassUID: set.AffectedSOPClassUID!,
            AffectedSOPInstanceUID: set.AffectedSOPInstanceUID!,
            EventTypeID: set.EventTypeID!,
          },
        }
      );
    case COMMAND.NGetRQ:
      return { request: { command: 'N-GET-RQ', MessageID } };
    case COMMAND.NSetRQ:
      return { request: { command: 'N-SET-RQ', MessageID } };
    case COMMAND.NCreateRQ:
      return { request: { command: 'N-CREATE-RQ', MessageID } };
    default:
      return { request: { command: 'N-DELETE-RQ', MessageID } };
  }
}

/** PS3.7 annex C: 0117 a SOP Instance UID that breaks the construction rules, 0118 a SOP class that is none, 0212 the rest. */
function firstInvalid(decoded: DecodedCommand): RefusedRequest | undefined {
  const element = decoded.invalid[0];
  if (element === undefined) return undefined;
  const offendingElement = decoded.invalid;
  if (element === ELEMENT.AffectedSOPInstanceUID || element === ELEMENT.RequestedSOPInstanceUID) {
    return { status: STATUS.InvalidObjectInstance, offendingElement, errorComment: 'SOP Instance UID is not a UID' };
  }
  if (element === ELEMENT.AffectedSOPClassUID || element === ELEMENT.RequestedSOPClassUID) {
    return { status: STATUS.NoSuchSOPClass, offendingElement, errorComment: 'SOP Class UID is not a UID' };
  }
  return { status: STATUS.MistypedArgument, offendingElement, errorComment: 'command element has a value not allowed' };
}

function missing(
  set: CommandSet,
  required: readonly (keyof typeof ELEMENT & keyof CommandSet)[],
): ParsedRequest | undefined {
  const absent = required.filter((keyword) => set[keyword] === undefined || set[keyword] === '');
  if (absent.length === 0) return undefined;
  return {
    refused: {
      status: STATUS.MistypedArgument,
      offendingElement: absent.map((keyword) => ELEMENT[keyword]),
      errorComment: `missing ${absent.join(', ')}`,
    },
  };
}
