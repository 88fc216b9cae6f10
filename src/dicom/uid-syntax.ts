import { KuvaError } from '../core/errors.ts';

/** A value that should be a UID and is not; `facts.length` is the number of raw bytes. The bytes are not repeated. */
export class UidError extends KuvaError {
  override readonly name = 'UidError';
}

const MAX_LENGTH = 64;
const SPACE = 0x20;
const NUL = 0;
const DOT = 0x2e;
const STRICT = /^(?:[01]\.(?:[0-9]|[123][0-9])|2\.(?:0|[1-9][0-9]*))(?:\.(?:0|[1-9][0-9]*))*$/;

/**
 * The UID in a raw UI value (PS3.5 9.1 and 6.2): at most 64 bytes of digits and dots, no empty component, after one trailing NUL
 * or trailing spaces are taken off. A component with a leading zero is let through, since devices send them: see `isStrictUid`.
 * @throws UidError UID_EMPTY, UID_TOO_LONG, UID_CHARACTER, UID_COMPONENT
 */
export function parseUid(bytes: Buffer): string {
  let end = bytes.length;
  if (end > 0 && bytes[end - 1] === NUL) {
    end -= 1;
  } else {
    while (end > 0 && bytes[end - 1] === SPACE) end -= 1;
  }
  if (end === 0) throw new UidError('UID_EMPTY', 'A UID is empty', { length: bytes.length });
  if (end > MAX_LENGTH)
    throw new UidError('UID_TOO_LONG', `A UID has ${end} characters, 64 is the limit`, { length: bytes.length });
  let previous = DOT;
  for (let i = 0; i < end; i += 1) {
    const byte = bytes[i]!;
    if (byte === DOT) {
      if (previous === DOT)
        throw new UidError('UID_COMPONENT', `A UID has an empty component at character ${i}`, {
          length: bytes.length,
          at: i,
        });
    } else if (byte < 0x30 || byte > 0x39) {
      throw new UidError(
        'UID_CHARACTER',
        `A UID has the byte 0x${byte.toString(16).padStart(2, '0')} at character ${i}`,
        { length: bytes.length, at: i },
      );
    }
    previous = byte;
  }
  if (previous === DOT)
    throw new UidError('UID_COMPONENT', 'A UID ends with a dot', { length: bytes.length, at: end - 1 });
  return bytes.toString('latin1', 0, end);
}

/** Whether a string is a UID as `parseUid` takes it. */
export function isUid(text: string): boolean {
  return text.length <= MAX_LENGTH && /^[0-9]+(?:\.[0-9]+)*$/.test(text);
}

/** Whether a string is a UID without exception: ISO 9834-1 arcs, no leading zero (PS3.5 9.1). */
export function isStrictUid(text: string): boolean {
  return text.length <= MAX_LENGTH && STRICT.test(text);
}

/** The UID of a UUID (PS3.5 B.2): `2.25.` and its value as a decimal number. */
export function uidFromUuid(uuid: string): string {
  return `2.25.${BigInt(`0x${uuid.replaceAll('-', '')}`)}`;
}
