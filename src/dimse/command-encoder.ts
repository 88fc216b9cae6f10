import { ELEMENT, type CommandSet } from './command-set.ts';

/** LO, PS3.5 6.2: at most 64 characters of the default repertoire. */
const MAX_COMMENT = 64;

/**
 * Encodes a command set, elements ascending, group length first; the values are the caller's responsibility.
 * `headroom` bytes are left free in front, so that PDU and PDV headers need no second buffer.
 */
export function encodeCommandSet(set: CommandSet, headroom: number): Buffer {
  const comment = set.ErrorComment === undefined ? undefined : printableAscii(set.ErrorComment);
  const buffer = Buffer.allocUnsafe(headroom + 12 + valueLength(set, comment));
  const writer = new ElementWriter(buffer, headroom + 12);
  writer.ui(ELEMENT.AffectedSOPClassUID, set.AffectedSOPClassUID);
  writer.ui(ELEMENT.RequestedSOPClassUID, set.RequestedSOPClassUID);
  writer.us(ELEMENT.CommandField, set.CommandField);
  writer.us(ELEMENT.MessageID, set.MessageID);
  writer.us(ELEMENT.MessageIDBeingRespondedTo, set.MessageIDBeingRespondedTo);
  writer.text(ELEMENT.MoveDestination, set.MoveDestination);
  writer.us(ELEMENT.Priority, set.Priority);
  writer.us(ELEMENT.CommandDataSetType, set.CommandDataSetType);
  writer.us(ELEMENT.Status, set.Status);
  writer.at(ELEMENT.OffendingElement, set.OffendingElement);
  writer.text(ELEMENT.ErrorComment, comment);
  writer.us(ELEMENT.ErrorID, set.ErrorID);
  writer.ui(ELEMENT.AffectedSOPInstanceUID, set.AffectedSOPInstanceUID);
  writer.ui(ELEMENT.RequestedSOPInstanceUID, set.RequestedSOPInstanceUID);
  writer.us(ELEMENT.EventTypeID, set.EventTypeID);
  writer.us(ELEMENT.ActionTypeID, set.ActionTypeID);
  writer.us(ELEMENT.NumberOfRemainingSuboperations, set.NumberOfRemainingSuboperations);
  writer.us(ELEMENT.NumberOfCompletedSuboperations, set.NumberOfCompletedSuboperations);
  writer.us(ELEMENT.NumberOfFailedSuboperations, set.NumberOfFailedSuboperations);
  writer.us(ELEMENT.NumberOfWarningSuboperations, set.NumberOfWarningSuboperations);
  writer.text(ELEMENT.MoveOriginatorApplicationEntityTitle, set.MoveOriginatorApplicationEntityTitle);
  writer.us(ELEMENT.MoveOriginatorMessageID, set.MoveOriginatorMessageID);

  const length = writer.offset - headroom;
  buffer.writeUInt32LE(0, headroom);
  buffer.writeUInt32LE(4, headroom + 4);
  buffer.writeUInt32LE(length - 12, headroom + 8);
  return writer.offset === buffer.length ? buffer : buffer.subarray(0, writer.offset);
}

/** An upper bound: every US may be there, text and UIDs as long as they are. */
function valueLength(set: CommandSet, comment: string | undefined): number {
  return (
    14 * 10 +
    text(set.AffectedSOPClassUID) +
    text(set.RequestedSOPClassUID) +
    text(set.AffectedSOPInstanceUID) +
    text(set.RequestedSOPInstanceUID) +
    text(set.MoveDestination) +
    text(set.MoveOriginatorApplicationEntityTitle) +
    text(comment) +
    (set.OffendingElement === undefined ? 0 : 8 + 4 * set.OffendingElement.length)
  );
}

function text(value: string | undefined): number {
  return value === undefined ? 0 : 9 + value.length;
}

function printableAscii(comment: string): string {
  return comment.replace(/[^\u0020-\u005b\u005d-\u007e]/g, '?').slice(0, MAX_COMMENT);
}

class ElementWriter {
  readonly #buffer: Buffer;
  offset: number;

  constructor(buffer: Buffer, offset: number) {
    this.#buffer = buffer;
    this.offset = offset;
  }

  us(element: number, value: number | undefined): void {
    if (value === undefined) return;
    this.#head(element, 2);
    this.#buffer.writeUInt16LE(value, this.offset);
    this.offset += 2;
  }

  /** Padded with NUL, PS3.5 9.1. */
  ui(element: number, value: string | undefined): void {
    if (value !== undefined) this.#padded(element, value, 0);
  }

  /** Padded with a space, PS3.5 6.2. */
  text(element: number, value: string | undefined): void {
    if (value !== undefined) this.#padded(element, value, 0x20);
  }

  at(element: number, tags: readonly number[] | undefined): void {
    if (tags === undefined || tags.length === 0) return;
    this.#head(element, tags.length * 4);
    for (const tag of tags) {
      this.#buffer.writeUInt16LE(tag >>> 16, this.offset);
      this.#buffer.writeUInt16LE(tag & 0xffff, this.offset + 2);
      this.offset += 4;
    }
  }

  #padded(element: number, value: string, pad: number): void {
    const length = value.length + (value.length & 1);
    this.#head(element, length);
    this.#buffer.write(value, this.offset, 'latin1');
    if (length > value.length) this.#buffer[this.offset + value.length] = pad;
    this.offset += length;
  }

  #head(element: number, length: number): void {
    this.#buffer.writeUInt16LE(0, this.offset);
    this.#buffer.writeUInt16LE(element, this.offset + 2);
    this.#buffer.writeUInt32LE(length, this.offset + 4);
    this.offset += 8;
  }
}
