import { UidError, parseUid } from '../dicom/uid-syntax.ts';
import { KuvaError, type ErrorFacts } from '../core/errors.ts';
import { ELEMENT, type CommandSet } from './command-set.ts';
import { readAeTitle } from './ul/ae-title.ts';

/** A command set that cannot be read at all: the association is aborted. */
export class CommandSetError extends KuvaError {
  override readonly name = 'CommandSetError';

  constructor(message: string, facts: ErrorFacts) {
    super('COMMAND_SET', message, facts);
  }
}

export interface DecodedCommand {
  readonly set: CommandSet;
  /** Elements (numbers in group 0000) whose UID or value PS3.5 does not allow; their fields are left out. */
  readonly invalid: readonly number[];
}

const NONE: readonly number[] = [];

/**
 * Decodes a command set, PS3.7 6.3.1 and annex E. Strict about structure: group length first and right, elements ascending,
 * nothing but group 0000, fixed lengths. UIDs are checked on their raw bytes and never repaired.
 * @throws CommandSetError
 */
export function decodeCommandSet(bytes: Buffer): DecodedCommand {
  const set: CommandSet = {};
  let invalid: number[] | undefined;
  const end = bytes.length;
  if (end < 12 || bytes.readUInt32LE(0) !== 0 || bytes.readUInt32LE(4) !== 4) {
    throw new CommandSetError('command set does not begin with its group length', { length: end });
  }
  if (bytes.readUInt32LE(8) !== end - 12) {
    throw new CommandSetError('command group length disagrees with the command set', {
      groupLength: bytes.readUInt32LE(8),
      length: end,
    });
  }
  let at = 12;
  let previous = 0;
  while (at < end) {
    if (end - at < 8) throw new CommandSetError('command element is cut short', { offset: at });
    const group = bytes.readUInt16LE(at);
    const element = bytes.readUInt16LE(at + 2);
    const length = bytes.readUInt32LE(at + 4);
    if (group !== 0) throw new CommandSetError('command set holds an element of another group', { group, element });
    if (element <= previous) throw new CommandSetError('command elements are not in ascending order', { element });
    at += 8;
    if (length > end - at)
      throw new CommandSetError('command element is longer than the command set', { element, length });
    if (!decodeElement(set, element, bytes, at, length)) (invalid ??= []).push(element);
    previous = element;
    at += length;
  }
  return { set, invalid: invalid ?? NONE };
}

/** False when the value is not allowed. Elements that no message here uses are read past. */
function decodeElement(set: CommandSet, element: number, bytes: Buffer, at: number, length: number): boolean {
  switch (element) {
    case ELEMENT.CommandField:
      set.CommandField = us(bytes, at, length, element);
      return true;
    case ELEMENT.MessageID:
      set.MessageID = us(bytes, at, length, element);
      return true;
    case ELEMENT.MessageIDBeingRespondedTo:
      set.MessageIDBeingRespondedTo = us(bytes, at, length, element);
      return true;
    case ELEMENT.Priority:
      set.Priority = us(bytes, at, length, element);
      return true;
    case ELEMENT.CommandDataSetType:
      set.CommandDataSetType = us(bytes, at, length, element);
      return true;
    case ELEMENT.Status:
      set.Status = us(bytes, at, length, element);
      return true;
    case ELEMENT.AffectedSOPClassUID:
      return (set.AffectedSOPClassUID = ui(bytes, at, length)) !== '';
    case ELEMENT.RequestedSOPClassUID:
      return (set.RequestedSOPClassUID = ui(bytes, at, length)) !== '';
    case ELEMENT.AffectedSOPInstanceUID:
      return (set.AffectedSOPInstanceUID = ui(bytes, at, length)) !== '';
    case ELEMENT.RequestedSOPInstanceUID:
      return (set.RequestedSOPInstanceUID = ui(bytes, at, length)) !== '';
    case ELEMENT.MoveDestination:
      set.MoveDestination = readAeTitle(bytes.subarray(at, at + length));
      return set.MoveDestination.length <= 16;
    case ELEMENT.MoveOriginatorApplicationEntityTitle:
      set.MoveOriginatorApplicationEntityTitle = readAeTitle(bytes.subarray(at, at + length));
      return set.MoveOriginatorApplicationEntityTitle.length <= 16;
    case ELEMENT.MoveOriginatorMessageID:
      set.MoveOriginatorMessageID = us(bytes, at, length, element);
      return true;
    case ELEMENT.EventTypeID:
      set.EventTypeID = us(bytes, at, length, element);
      return true;
    case ELEMENT.ActionTypeID:
      set.ActionTypeID = us(bytes, at, length, element);
      return true;
    case ELEMENT.NumberOfRemainingSuboperations:
      set.NumberOfRemainingSuboperations = us(bytes, at, length, element);
      return true;
    case ELEMENT.NumberOfCompletedSuboperations:
      set.NumberOfCompletedSuboperations = us(bytes, at, length, element);
      return true;
    case ELEMENT.NumberOfFailedSuboperations:
      set.NumberOfFailedSuboperations = us(bytes, at, length, element);
      return true;
    case ELEMENT.NumberOfWarningSuboperations:
      set.NumberOfWarningSuboperations = us(bytes, at, length, element);
      return true;
    case ELEMENT.OffendingElement:
      return (set.OffendingElement = tags(bytes, at, length)).length * 4 === length;
    case ELEMENT.ErrorComment:
      set.ErrorComment = bytes.toString('latin1', at, at + Math.min(length, 64)).replace(/[\0 ]+$/, '');
      return true;
    case ELEMENT.ErrorID:
      set.ErrorID = us(bytes, at, length, element);
      return true;
    default:
      return true;
  }
}

function us(bytes: Buffer, at: number, length: number, element: number): number {
  if (length !== 2) throw new CommandSetError('command element is not 2 bytes long', { element, length });
  return bytes.readUInt16LE(at);
}

/** '' when the bytes are no UID. */
function ui(bytes: Buffer, at: number, length: number): string {
  try {
    return parseUid(bytes.subarray(at, at + length));
  } catch (error) {
    if (error instanceof UidError) return '';
    throw error;
  }
}

function tags(bytes: Buffer, at: number, length: number): number[] {
  const found: number[] = [];
  for (let i = 0; i + 4 <= length; i += 4) {
    found.push(bytes.readUInt16LE(at + i) * 0x10000 + bytes.readUInt16LE(at + i + 2));
  }
  return found;
}
