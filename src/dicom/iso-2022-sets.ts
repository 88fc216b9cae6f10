import { DoubleByteSet } from './double-byte-set.ts';
import { SingleByteSet } from './single-byte-set.ts';

/** A coded character set of ISO 2022. Codes are 7-bit bytes: one, or two as (first << 8) | second. */
export interface CodedSet {
  readonly width: 1 | 2;
  char(code: number): string | undefined;
  code(char: string): number | undefined;
}

/** A set that an escape sequence designates to G0 or G1 (PS3.3 tables C.12-3 and C.12-4). */
export interface CodeElement {
  readonly region: 'G0' | 'G1';
  readonly escape: Buffer;
  readonly set: CodedSet;
}

const isPrintable = (code: number): boolean => code >= 0x20 && code <= 0x7e;

const ASCII_SET: CodedSet = {
  width: 1,
  char: (code) => String.fromCharCode(code),
  code: (char) => (isPrintable(char.charCodeAt(0)) ? char.charCodeAt(0) : undefined),
};

/** JIS X 0201 romaji: ASCII with a yen sign for the backslash and an overline for the tilde. */
export const ROMAJI_SET: CodedSet = {
  width: 1,
  char: (code) => (code === 0x5c ? '\u00a5' : code === 0x7e ? '\u203e' : String.fromCharCode(code)),
  code: (char) =>
    char === '\u00a5'
      ? 0x5c
      : char === '\u203e'
        ? 0x7e
        : char === '\\' || char === '~'
          ? undefined
          : ASCII_SET.code(char),
};

const KATAKANA_FIRST = 0xff61;
const KATAKANA_COUNT = 63;

/** JIS X 0201 half-width katakana. */
const KATAKANA_SET: CodedSet = {
  width: 1,
  char: (code) =>
    code >= 0x21 && code < 0x21 + KATAKANA_COUNT ? String.fromCharCode(KATAKANA_FIRST + code - 0x21) : undefined,
  code: (char) => {
    const index = char.charCodeAt(0) - KATAKANA_FIRST;
    return index >= 0 && index < KATAKANA_COUNT ? index + 0x21 : undefined;
  },
};

function upperHalf(encoding: string): CodedSet {
  const table = new SingleByteSet(encoding);
  return {
    width: 1,
    char: (code) => table.char(code | 0x80),
    code: (char) => {
      const byte = table.byte(char);
      return byte === undefined ? undefined : byte & 0x7f;
    },
  };
}

function doubleByte(
  encoding: string,
  proper: (row: number, column: number) => boolean,
  prefix: readonly number[] = [],
  variants: ReadonlyMap<string, string> = new Map(),
): CodedSet {
  const table = new DoubleByteSet({ encoding, prefix, proper, variants });
  return { width: 2, char: (code) => table.char(code >> 8, code & 0xff), code: (char) => table.code(char) };
}

// Unicode has two mappings for these signs of JIS X 0208.
const JIS_VARIANTS: ReadonlyMap<string, string> = new Map([
  ['\u301c', '\uff5e'],
  ['\u2212', '\uff0d'],
  ['\u2016', '\u2225'],
  ['\u00a2', '\uffe0'],
  ['\u00a3', '\uffe1'],
  ['\u00ac', '\uffe2'],
]);

const JIS_X_0208 = doubleByte('euc-jp', (row) => row <= 8 || (row >= 16 && row <= 84), [], JIS_VARIANTS);
const JIS_X_0212 = doubleByte('euc-jp', () => true, [0x8f]);
const KS_X_1001 = doubleByte('euc-kr', (row) => row <= 12 || (row >= 16 && row <= 40) || (row >= 42 && row <= 93));
// GBK has additions within rows 2, 6 and 8.
const GB_2312 = doubleByte('gbk', (row, column) => {
  if (row === 2) return column > 10;
  if (row === 6) return column < 64 || column > 85;
  if (row === 8) return column < 27 || column > 32;
  return row <= 9 || (row >= 16 && row <= 87);
});

const g0 = (set: CodedSet, ...escape: number[]): CodeElement => ({
  region: 'G0',
  escape: Buffer.from([0x1b, ...escape]),
  set,
});
const g1 = (set: CodedSet, ...escape: number[]): CodeElement => ({
  region: 'G1',
  escape: Buffer.from([0x1b, ...escape]),
  set,
});

const ASCII_ELEMENT = g0(ASCII_SET, 0x28, 0x42);
const latin = (encoding: string, final: number): readonly CodeElement[] => [
  ASCII_ELEMENT,
  g1(upperHalf(encoding), 0x2d, final),
];

/** The code elements of each defined term with code extensions, ISO 2022 IR n. */
export const CODE_ELEMENTS: ReadonlyMap<string, readonly CodeElement[]> = new Map([
  ['ISO 2022 IR 6', [ASCII_ELEMENT]],
  ['ISO 2022 IR 100', latin('iso-8859-1', 0x41)],
  ['ISO 2022 IR 101', latin('iso-8859-2', 0x42)],
  ['ISO 2022 IR 109', latin('iso-8859-3', 0x43)],
  ['ISO 2022 IR 110', latin('iso-8859-4', 0x44)],
  ['ISO 2022 IR 144', latin('iso-8859-5', 0x4c)],
  ['ISO 2022 IR 127', latin('iso-8859-6', 0x47)],
  ['ISO 2022 IR 126', latin('iso-8859-7', 0x46)],
  ['ISO 2022 IR 138', latin('iso-8859-8', 0x48)],
  ['ISO 2022 IR 148', latin('iso-8859-9', 0x4d)],
  ['ISO 2022 IR 203', latin('iso-8859-15', 0x62)],
  ['ISO 2022 IR 166', latin('tis620', 0x54)],
  ['ISO 2022 IR 13', [g0(ROMAJI_SET, 0x28, 0x4a), g1(KATAKANA_SET, 0x29, 0x49)]],
  ['ISO 2022 IR 87', [g0(JIS_X_0208, 0x24, 0x42)]],
  ['ISO 2022 IR 159', [g0(JIS_X_0212, 0x24, 0x28, 0x44)]],
  ['ISO 2022 IR 149', [g1(KS_X_1001, 0x24, 0x29, 0x43)]],
  ['ISO 2022 IR 58', [g1(GB_2312, 0x24, 0x29, 0x41)]],
]);

/** The sets that G0 and G1 hold where a text begins, and after a delimiter (PS3.5 6.1.2.5.3). */
export interface Designation {
  G0: CodeElement;
  G1: CodeElement | undefined;
}

/** What the first term of Specific Character Set designates; ASCII stands in G0 where it has nothing to say. */
export function initialDesignation(terms: readonly string[]): Designation {
  const first = CODE_ELEMENTS.get(terms[0] ?? '') ?? [];
  return {
    G0: first.find(({ region }) => region === 'G0') ?? ASCII_ELEMENT,
    G1: first.find(({ region }) => region === 'G1'),
  };
}
