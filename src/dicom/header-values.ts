import { decodeText } from './character-sets.ts';
import type { HeaderAttribute } from './header-attributes.ts';
import { HeaderFault } from './header-fault.ts';
import type { HeaderItem } from './header-reader.ts';
import { TAG } from './tags.ts';
import { parseUid, UidError } from './uid-syntax.ts';
import { trimValues } from './value-padding.ts';
import { VR_TRAITS, type VR } from './vr-table.ts';

/** What the walker kept of one data set or item: raw values, not yet decoded. */
export interface RawItem {
  readonly values: RawValue[];
  readonly sequences: RawSequence[];
}

export interface RawValue {
  readonly attribute: HeaderAttribute;
  /** As it stood in the stream; undefined in implicit VR. */
  readonly vr: VR | undefined;
  readonly bytes: Buffer;
  readonly offset: number;
  readonly littleEndian: boolean;
}

export interface RawSequence {
  readonly attribute: HeaderAttribute;
  readonly items: RawItem[];
}

const IDENTIFYING: ReadonlySet<number> = new Set([
  TAG.SOPClassUID,
  TAG.SOPInstanceUID,
  TAG.StudyInstanceUID,
  TAG.SeriesInstanceUID,
]);

type Read = (bytes: Buffer, at: number, littleEndian: boolean) => string;

const u16: Read = (bytes, at, le) => String(le ? bytes.readUInt16LE(at) : bytes.readUInt16BE(at));
const NUMBERS: Readonly<Partial<Record<VR, { readonly size: number; readonly read: Read }>>> = {
  US: { size: 2, read: u16 },
  SS: { size: 2, read: (bytes, at, le) => String(le ? bytes.readInt16LE(at) : bytes.readInt16BE(at)) },
  UL: { size: 4, read: (bytes, at, le) => String(le ? bytes.readUInt32LE(at) : bytes.readUInt32BE(at)) },
  SL: { size: 4, read: (bytes, at, le) => String(le ? bytes.readInt32LE(at) : bytes.readInt32BE(at)) },
  FL: { size: 4, read: (bytes, at, le) => String(le ? bytes.readFloatLE(at) : bytes.readFloatBE(at)) },
  FD: { size: 8, read: (bytes, at, le) => String(le ? bytes.readDoubleLE(at) : bytes.readDoubleBE(at)) },
  AT: {
    size: 4,
    read: (bytes, at, le) =>
      (le ? [bytes.readUInt16LE(at), bytes.readUInt16LE(at + 2)] : [bytes.readUInt16BE(at), bytes.readUInt16BE(at + 2)])
        .map((part) => part.toString(16).toUpperCase().padStart(4, '0'))
        .join(''),
  },
};

// No numeric attribute that is kept has more; a value of 64 KiB must not become a megabyte of text.
const MAX_NUMBERS = 64;

/** The text of a raw value, or undefined for one without text form. A UID that identifies the instance is checked byte by byte. */
function textOf({ attribute, vr, bytes, offset, littleEndian }: RawValue, charset: string): string | undefined {
  if (IDENTIFYING.has(attribute.tag)) return identifyingUid(attribute.tag, bytes, offset);
  // A peer's VR decides between text and binary, the dictionary how the text is read (and what UN holds).
  const declared = vr === undefined || vr === 'UN' ? attribute.vr : vr;
  if (VR_TRAITS[declared].text) {
    const textVr = VR_TRAITS[attribute.vr].text ? attribute.vr : declared;
    return trimValues(decodeText(bytes, charset, textVr), textVr);
  }
  const number = NUMBERS[declared];
  if (number === undefined) return undefined;
  const count = Math.min(Math.floor(bytes.length / number.size), MAX_NUMBERS);
  return Array.from({ length: count }, (_, i) => number.read(bytes, i * number.size, littleEndian || vr === 'UN')).join(
    '\\',
  );
}

function identifyingUid(tag: number, bytes: Buffer, offset: number): string {
  try {
    return parseUid(bytes);
  } catch (error) {
    if (!(error instanceof UidError)) throw error;
    // An empty one is the same as none: whoever needs it says so.
    if (error.code === 'UID_EMPTY') return '';
    throw new HeaderFault('UID_INVALID', error.message, tag, offset, error);
  }
}

/** The raw Specific Character Set of an item, or the one of what it is in (PS3.5 7.5.3). */
export function charsetOf(item: RawItem, inherited: string): string {
  const own = item.values.find(({ attribute }) => attribute.tag === TAG.SpecificCharacterSet);
  return own === undefined ? inherited : trimValues(own.bytes.toString('latin1'), 'CS');
}

/**
 * Decodes what was kept of a data set. The first of two elements with one tag counts.
 * @throws HeaderFault UID_INVALID
 */
export function decodeItem(item: RawItem, inherited: string): HeaderItem {
  const charset = charsetOf(item, inherited);
  const decoded: HeaderItem = {};
  for (const value of item.values) {
    const { keyword } = value.attribute;
    if (decoded[keyword] !== undefined) continue;
    const text = textOf(value, charset);
    if (text !== undefined) decoded[keyword] = text;
  }
  for (const { attribute, items } of item.sequences) {
    decoded[attribute.keyword] ??= items.map((nested) => decodeItem(nested, charset));
  }
  return decoded;
}
