/** DIMSE status codes: PS3.7 annex C, PS3.4 B.2.3 (storage), C.4 (query/retrieve), J.3 (storage commitment). */
export const STATUS = {
  Success: 0x0000,
  Cancel: 0xfe00,
  Pending: 0xff00,
  /** One or more optional keys were not supported for existence or matching. */
  PendingWarning: 0xff01,

  ProcessingFailure: 0x0110,
  NoSuchObjectInstance: 0x0112,
  DuplicateSOPInstance: 0x0111,
  NoSuchEventType: 0x0113,
  NoSuchArgument: 0x0114,
  InvalidArgumentValue: 0x0115,
  InvalidObjectInstance: 0x0117,
  NoSuchSOPClass: 0x0118,
  ClassInstanceConflict: 0x0119,
  MissingAttribute: 0x0120,
  MissingAttributeValue: 0x0121,
  SOPClassNotSupported: 0x0122,
  NoSuchActionType: 0x0123,
  NotAuthorized: 0x0124,
  DuplicateInvocation: 0x0210,
  UnrecognizedOperation: 0x0211,
  MistypedArgument: 0x0212,
  ResourceLimitation: 0x0213,

  OutOfResources: 0xa700,
  UnableToCalculateMatches: 0xa701,
  UnableToPerformSubOperations: 0xa702,
  MoveDestinationUnknown: 0xa801,
  DataSetMismatch: 0xa900,
  CannotUnderstand: 0xc000,
  /** Storage: coercion of data elements. */
  WarningCoercion: 0xb000,
  /** C-MOVE, C-GET: sub-operations complete, one or more failures. */
  WarningSubOperations: 0xb000,
  WarningElementsDiscarded: 0xb006,
  WarningDataSetMismatch: 0xb007,
} as const;

export type StatusCategory = 'success' | 'pending' | 'cancel' | 'warning' | 'failure';

const NAMES: ReadonlyMap<number, string> = new Map([
  [0x0000, 'Success'],
  [0x0001, 'Warning: requested optional attributes not supported'],
  [0x0105, 'No such attribute'],
  [0x0106, 'Invalid attribute value'],
  [0x0107, 'Warning: attribute list error'],
  [0x0110, 'Processing failure'],
  [0x0111, 'Duplicate SOP instance'],
  [0x0112, 'No such SOP instance'],
  [0x0113, 'No such event type'],
  [0x0114, 'No such argument'],
  [0x0115, 'Invalid argument value'],
  [0x0116, 'Warning: attribute value out of range'],
  [0x0117, 'Invalid SOP instance'],
  [0x0118, 'No such SOP class'],
  [0x0119, 'Class-instance conflict'],
  [0x0120, 'Missing attribute'],
  [0x0121, 'Missing attribute value'],
  [0x0122, 'SOP class not supported'],
  [0x0123, 'No such action type'],
  [0x0124, 'Not authorized'],
  [0x0131, 'Duplicate transaction UID'],
  [0x0210, 'Duplicate invocation'],
  [0x0211, 'Unrecognized operation'],
  [0x0212, 'Mistyped argument'],
  [0x0213, 'Resource limitation'],
  [0xa700, 'Out of resources'],
  [0xa701, 'Out of resources: unable to calculate number of matches'],
  [0xa702, 'Out of resources: unable to perform sub-operations'],
  [0xa801, 'Move destination unknown'],
  [0xa900, 'Data set does not match SOP class'],
  [0xb000, 'Warning: coercion of data elements, or sub-operations with failures'],
  [0xb006, 'Warning: elements discarded'],
  [0xb007, 'Warning: data set does not match SOP class'],
  [0xfe00, 'Cancelled'],
  [0xff00, 'Pending'],
  [0xff01, 'Pending: optional keys not supported'],
]);

/** A status code, or a failure reason, as conformance statements write it: `A777`. */
export function statusText(code: number): string {
  return code.toString(16).toUpperCase().padStart(4, '0');
}

/** Name of a status code; families (Axxx, Bxxx, Cxxx) by their category. */
export function statusName(code: number): string {
  const name = NAMES.get(code);
  if (name !== undefined) return name;
  if (code >= 0xa700 && code <= 0xa7ff) return 'Out of resources';
  if (code >= 0xa900 && code <= 0xa9ff) return 'Data set does not match SOP class';
  if (code >= 0xc000 && code <= 0xcfff) return 'Cannot understand';
  return statusCategory(code) === 'warning' ? 'Warning' : 'Failure';
}

/** PS3.7 annex C.1 to C.5. */
export function statusCategory(code: number): StatusCategory {
  if (code === STATUS.Success) return 'success';
  if (code === STATUS.Pending || code === STATUS.PendingWarning) return 'pending';
  if (code === STATUS.Cancel) return 'cancel';
  if (code === 0x0001 || code === 0x0107 || code === 0x0116 || (code >= 0xb000 && code <= 0xbfff)) return 'warning';
  return 'failure';
}
