/**
 * PS3.7 6.3.1: a command set is group 0000 in Implicit VR Little Endian. This is its flat form; the fields are
 * those of PS3.7 table E.1-1 that messages of this program use.
 */
export interface CommandSet {
  CommandField?: number | undefined;
  MessageID?: number | undefined;
  MessageIDBeingRespondedTo?: number | undefined;
  CommandDataSetType?: number | undefined;
  Status?: number | undefined;
  Priority?: number | undefined;
  AffectedSOPClassUID?: string | undefined;
  RequestedSOPClassUID?: string | undefined;
  AffectedSOPInstanceUID?: string | undefined;
  RequestedSOPInstanceUID?: string | undefined;
  MoveDestination?: string | undefined;
  MoveOriginatorApplicationEntityTitle?: string | undefined;
  MoveOriginatorMessageID?: number | undefined;
  EventTypeID?: number | undefined;
  ActionTypeID?: number | undefined;
  NumberOfRemainingSuboperations?: number | undefined;
  NumberOfCompletedSuboperations?: number | undefined;
  NumberOfFailedSuboperations?: number | undefined;
  NumberOfWarningSuboperations?: number | undefined;
  OffendingElement?: readonly number[] | undefined;
  ErrorComment?: string | undefined;
  ErrorID?: number | undefined;
}

/** PS3.7 table E.1-1: element numbers in group 0000. */
export const ELEMENT = {
  CommandGroupLength: 0x0000,
  AffectedSOPClassUID: 0x0002,
  RequestedSOPClassUID: 0x0003,
  CommandField: 0x0100,
  MessageID: 0x0110,
  MessageIDBeingRespondedTo: 0x0120,
  MoveDestination: 0x0600,
  Priority: 0x0700,
  CommandDataSetType: 0x0800,
  Status: 0x0900,
  OffendingElement: 0x0901,
  ErrorComment: 0x0902,
  ErrorID: 0x0903,
  AffectedSOPInstanceUID: 0x1000,
  RequestedSOPInstanceUID: 0x1001,
  EventTypeID: 0x1002,
  ActionTypeID: 0x1008,
  NumberOfRemainingSuboperations: 0x1020,
  NumberOfCompletedSuboperations: 0x1021,
  NumberOfFailedSuboperations: 0x1022,
  NumberOfWarningSuboperations: 0x1023,
  MoveOriginatorApplicationEntityTitle: 0x1030,
  MoveOriginatorMessageID: 0x1031,
} as const;

/** PS3.7 table E.1-1: values of Command Field (0000,0100); a response has bit 15 set. */
export const COMMAND = {
  CStoreRQ: 0x0001,
  CGetRQ: 0x0010,
  CFindRQ: 0x0020,
  CMoveRQ: 0x0021,
  CEchoRQ: 0x0030,
  NEventReportRQ: 0x0100,
  NGetRQ: 0x0110,
  NSetRQ: 0x0120,
  NActionRQ: 0x0130,
  NCreateRQ: 0x0140,
  NDeleteRQ: 0x0150,
  CCancelRQ: 0x0fff,
} as const;

export const RESPONSE = 0x8000;

/** PS3.7 E.1: Command Data Set Type when no data set follows; any other value means that one does. */
export const NO_DATA_SET = 0x0101;
/** What we write when one follows. */
export const WITH_DATA_SET = 0x0001;

const NAMES: ReadonlyMap<number, string> = new Map([
  [COMMAND.CStoreRQ, 'C-STORE'],
  [COMMAND.CGetRQ, 'C-GET'],
  [COMMAND.CFindRQ, 'C-FIND'],
  [COMMAND.CMoveRQ, 'C-MOVE'],
  [COMMAND.CEchoRQ, 'C-ECHO'],
  [COMMAND.NEventReportRQ, 'N-EVENT-REPORT'],
  [COMMAND.NGetRQ, 'N-GET'],
  [COMMAND.NSetRQ, 'N-SET'],
  [COMMAND.NActionRQ, 'N-ACTION'],
  [COMMAND.NCreateRQ, 'N-CREATE'],
  [COMMAND.NDeleteRQ, 'N-DELETE'],
  [COMMAND.CCancelRQ, 'C-CANCEL'],
]);

/** `C-STORE`, … for a Command Field of a request or a response; undefined when PS3.7 has no such command. */
export function commandName(commandField: number): string | undefined {
  return NAMES.get(commandField & ~RESPONSE);
}
