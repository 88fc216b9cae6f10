import { isUtf8 } from 'node:buffer';
import { convertBytes } from 'dicom-character-set';
import iconv from 'iconv-lite';
import { characterCoding } from './character-set-terms.ts';
import { encodeIso2022 } from './iso-2022-encoder.ts';
import { encodeKatakana, encodeRomaji } from './iso-2022-sets.ts';
import { VR_TRAITS, type VR } from './vr-table.ts';

const ESCAPE = 0x1b;
const ASCII_TERM = 'ISO 2022 IR 6';
// Text with code extensions is decoded run by run, which a hostile value could make very slow; no attribute allows so much.
const MAX_EXTENDED = 64 << 10;

function isPlain(bytes: Buffer): boolean {
  for (let i = 0; i < bytes.length; i += 1) {
    const byte = bytes[i]!;
    if (byte >= 0x80 || byte === ESCAPE) return false;
  }
  return true;
}

/** Bytes that no declared character set explains: UTF-8 if they are that, else Windows Latin 1, as senders that leave it out mean. */
function guess(bytes: Buffer): string {
  return isUtf8(bytes) ? bytes.toString('utf8') : iconv.decode(bytes, 'windows-1252');
}

function extended(bytes: Buffer, terms: readonly string[], vr: VR): string {
  if (bytes.length > MAX_EXTENDED) return guess(bytes);
  try {
    return convertBytes(terms.join('\\'), bytes, { vr });
  } catch {
    // An escape sequence that was not declared, or half a character: show what can be shown, an odd name is no reason to refuse.
    return guess(bytes);
  }
}

/**
 * Decodes a text value to Unicode by a raw Specific Character Set value, which may have several terms ('' = default repertoire).
 * Never throws; padding and separators stay. VRs that the character set does not govern (PS3.5 6.1.2.3) are read as single bytes.
 */
export function decodeText(bytes: Buffer, charset: string, vr: VR): string {
  if (bytes.length === 0) return '';
  if (!VR_TRAITS[vr].charset) return bytes.toString('latin1');
  const coding = characterCoding(charset);
  const romaji = coding.kind === 'katakana' || (coding.kind === 'iso2022' && coding.terms[0] === 'ISO 2022 IR 13');
  if (!romaji && isPlain(bytes)) return bytes.toString('latin1');
  switch (coding.kind) {
    case 'utf8':
      return bytes.toString('utf8');
    case 'table':
      return iconv.decode(bytes, coding.decode, { stripBOM: false });
    case 'katakana':
      return extended(bytes, ['ISO_IR 13'], vr);
    case 'iso2022':
      // Senders go back to ASCII whether they have named it or not.
      return extended(bytes, coding.terms.includes(ASCII_TERM) ? coding.terms : [...coding.terms, ASCII_TERM], vr);
    case 'ascii':
      return guess(bytes);
  }
}

function encodeEach(text: string, encode: (char: string) => Buffer | undefined): Buffer | undefined {
  const parts: Buffer[] = [];
  for (const char of text) {
    const bytes = encode(char);
    if (bytes === undefined) return undefined;
    parts.push(bytes);
  }
  return Buffer.concat(parts);
}

// eslint-disable-next-line no-control-regex
const ASCII_TEXT = /^[\u0000-\u001a\u001c-\u007f]*$/;

/** PS3.5 6.1.2.5.3: what ends a run of characters in a VR. */
function delimitersOf(vr: VR): string {
  const value = VR_TRAITS[vr].multi ? '\\' : '';
  return `\t\n\f\r${value}${vr === 'PN' ? '^=' : ''}`;
}

/**
 * Encodes Unicode text in a raw Specific Character Set value, without padding. Undefined when it cannot represent every character.
 * Escape sequences are written and reset as PS3.5 6.1.2.5 says.
 */
export function encodeText(text: string, charset: string, vr: VR): Buffer | undefined {
  const coding = characterCoding(charset);
  const romaji = coding.kind === 'katakana' || (coding.kind === 'iso2022' && coding.terms[0] === 'ISO 2022 IR 13');
  if (ASCII_TEXT.test(text) && !(romaji && VR_TRAITS[vr].charset)) return Buffer.from(text, 'latin1');
  if (!VR_TRAITS[vr].charset) return undefined;
  switch (coding.kind) {
    case 'ascii':
      return undefined;
    case 'utf8':
      return text.isWellFormed() && !text.includes('\u001b') ? Buffer.from(text, 'utf8') : undefined;
    case 'table': {
      const bytes = iconv.encode(text, coding.encode);
      if (bytes.includes(ESCAPE)) return undefined;
      return iconv.decode(bytes, coding.encode, { stripBOM: false }) === text ? bytes : undefined;
    }
    case 'katakana': {
      const delimiters = delimitersOf(vr);
      return encodeEach(text, (char) =>
        delimiters.includes(char) ? Buffer.from(char, 'latin1') : (romajiByte(char, vr) ?? encodeKatakana(char)),
      );
    }
    case 'iso2022':
      return encodeIso2022(text, coding.terms, delimitersOf(vr));
  }
}

// In a VR with several values the byte 5C is their separator, so that a yen sign cannot be written.
function romajiByte(char: string, vr: VR): Buffer | undefined {
  return char === '\u00a5' && VR_TRAITS[vr].multi ? undefined : encodeRomaji(char);
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
