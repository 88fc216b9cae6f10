import { isUtf8 } from 'node:buffer';
import iconv from 'iconv-lite';
import { characterCoding, WINDOWS_LATIN_1, type CharacterCoding } from './character-set-terms.ts';
import { decodeIso2022 } from './iso-2022-decoder.ts';
import { encodeIso2022 } from './iso-2022-encoder.ts';
import { VR_TRAITS, type VR } from './vr-table.ts';

const ESCAPE = 0x1b;

function isPlain(bytes: Buffer): boolean {
  for (let i = 0; i < bytes.length; i += 1) {
    const byte = bytes[i]!;
    if (byte >= 0x80 || byte === ESCAPE) return false;
  }
  return true;
}

/** JIS X 0201 has other characters than ASCII for the backslash and the tilde. */
function isRomaji(coding: CharacterCoding): boolean {
  return coding.kind === 'iso2022' && coding.terms[0] === 'ISO 2022 IR 13';
}

/** Bytes that no declared character set explains: UTF-8 if they are that, else Windows Latin 1, as senders that leave it out mean. */
function guess(bytes: Buffer): string {
  return isUtf8(bytes) ? bytes.toString('utf8') : WINDOWS_LATIN_1.decode(bytes);
}

/** PS3.5 6.1.2.5.3: what ends a run of characters in a VR. */
function delimitersOf(vr: VR): string {
  const value = VR_TRAITS[vr].multi ? '\\' : '';
  return `\t\n\f\r${value}${vr === 'PN' ? '^=' : ''}`;
}

/**
 * Decodes a text value to Unicode by a raw Specific Character Set value, which may have several terms ('' = default repertoire).
 * Never throws; padding and separators stay. VRs that the character set does not govern (PS3.5 6.1.2.3) are read as single bytes.
 */
export function decodeText(bytes: Buffer, charset: string, vr: VR): string {
  if (bytes.length === 0) return '';
  if (!VR_TRAITS[vr].charset) return bytes.toString('latin1');
  const coding = characterCoding(charset);
  if (isPlain(bytes) && !isRomaji(coding)) return bytes.toString('latin1');
  switch (coding.kind) {
    case 'utf8':
      return bytes.toString('utf8');
    case 'table':
      return coding.decode.decode(bytes);
    case 'chinese':
      return iconv.decode(bytes, coding.encoding, { stripBOM: false });
    case 'iso2022':
      return decodeIso2022(bytes, coding.terms, delimitersOf(vr), WINDOWS_LATIN_1);
    case 'ascii':
      return guess(bytes);
  }
}

const ASCII_TEXT = /^[\u0000-\u001a\u001c-\u007f]*$/;

/**
 * Encodes Unicode text in a raw Specific Character Set value, without padding. Undefined when it cannot represent every character.
 * Escape sequences are written and reset as PS3.5 6.1.2.5 says; the text itself may not bring any.
 */
export function encodeText(text: string, charset: string, vr: VR): Buffer | undefined {
  const coding = characterCoding(charset);
  if (ASCII_TEXT.test(text) && !(isRomaji(coding) && VR_TRAITS[vr].charset)) return Buffer.from(text, 'latin1');
  if (!VR_TRAITS[vr].charset || text.includes('\u001b')) return undefined;
  switch (coding.kind) {
    case 'ascii':
      return undefined;
    case 'utf8':
      return text.isWellFormed() ? Buffer.from(text, 'utf8') : undefined;
    case 'table':
      return coding.encode.encode(text);
    case 'chinese': {
      const bytes = iconv.encode(text, coding.encoding);
      return iconv.decode(bytes, coding.encoding, { stripBOM: false }) === text ? bytes : undefined;
    }
    case 'iso2022':
      return encodeIso2022(text, coding.terms, delimitersOf(vr));
  }
}

/** The first of `preferred` (raw Specific Character Set values) that can represent all of `texts`, else UTF-8. */
export function chooseResponseCharset(texts: Iterable<string>, preferred: readonly string[]): string {
  const candidates = new Set(preferred);
  for (const text of texts) {
    for (const charset of candidates) {
      if (encodeText(text, charset, 'LO') === undefined) candidates.delete(charset);
    }
    if (candidates.size === 0) break;
  }
  const [first] = candidates;
  return first ?? 'ISO_IR 192';
}
