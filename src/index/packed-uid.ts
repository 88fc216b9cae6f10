const NIBBLE_DOT = 0xb;
const NIBBLE_PAD = 0xf;
const MAX_UID_LENGTH = 64;

/**
 * A UID as two characters a byte: half the size in a row and in its unique index. Keeps the text exactly,
 * so equality of bytes is equality of UIDs. Undefined when the text is no UID (PS3.5 9.1: digits and dots, 1-64).
 */
export function packUid(uid: string): Buffer | undefined {
  const { length } = uid;
  if (length === 0 || length > MAX_UID_LENGTH) return undefined;
  const packed = Buffer.allocUnsafe((length + 1) >> 1);
  for (let at = 0; at < length; at += 2) {
    const high = nibble(uid.charCodeAt(at));
    const low = at + 1 < length ? nibble(uid.charCodeAt(at + 1)) : NIBBLE_PAD;
    if (high < 0 || low < 0) return undefined;
    packed[at >> 1] = (high << 4) | low;
  }
  return packed;
}

/** The UID text of packed bytes; '' for none. */
export function unpackUid(packed: Uint8Array): string {
  let uid = '';
  for (const byte of packed) {
    uid += digit(byte >> 4);
    const low = byte & 0xf;
    if (low !== NIBBLE_PAD) uid += digit(low);
  }
  return uid;
}

function nibble(charCode: number): number {
  if (charCode >= 0x30 && charCode <= 0x39) return charCode - 0x30;
  return charCode === 0x2e ? NIBBLE_DOT : -1;
}

function digit(value: number): string {
  return value === NIBBLE_DOT ? '.' : String.fromCharCode(0x30 + value);
}
