import iconv from 'iconv-lite';

/** One coded character set that an escape sequence designates to G0 or G1 (PS3.3 table C.12-3 and C.12-4). */
export interface CodeElement {
  readonly region: 'G0' | 'G1';
  readonly escape: Buffer;
  /** The bytes of one code point, or undefined when the set lacks it. */
  encode(char: string): Buffer | undefined;
}

const esc = (...codes: number[]): Buffer => Buffer.from([0x1b, ...codes]);

function inTable(encoding: string, char: string): Buffer | undefined {
  const bytes = iconv.encode(char, encoding);
  return iconv.decode(bytes, encoding) === char ? bytes : undefined;
}

const ASCII: CodeElement = {
  region: 'G0',
  escape: esc(0x28, 0x42),
  encode: (char) => (char >= ' ' && char <= '~' ? Buffer.from(char, 'latin1') : undefined),
};

/** JIS X 0201: ASCII with a yen sign for the backslash and an overline for the tilde. */
export function encodeRomaji(char: string): Buffer | undefined {
  if (char === '\u00a5') return Buffer.from([0x5c]);
  if (char === '\u203e') return Buffer.from([0x7e]);
  return char >= ' ' && char < '~' && char !== '\\' ? Buffer.from(char, 'latin1') : undefined;
}

/** JIS X 0201: half-width katakana. */
export function encodeKatakana(char: string): Buffer | undefined {
  const code = char.codePointAt(0)!;
  return code >= 0xff61 && code <= 0xff9f ? Buffer.from([code - 0xff61 + 0xa1]) : undefined;
}

// Unicode has two mappings for these signs of JIS X 0208; the decoder gives the full-width one.
const JIS_VARIANTS: ReadonlyMap<string, string> = new Map([
  ['〜', '～'],
  ['−', '－'],
  ['‖', '∥'],
  ['¢', '￠'],
  ['£', '￡'],
  ['¬', '￢'],
]);

function jisX0208(char: string): Buffer | undefined {
  const bytes = inTable('euc-jp', JIS_VARIANTS.get(char) ?? char);
  // Rows 9 to 15 are vendors' additions; 8E is half-width katakana.
  if (bytes?.length !== 2 || bytes[0]! < 0xa1 || bytes[0]! > 0xf4 || (bytes[0]! > 0xa8 && bytes[0]! < 0xb0))
    return undefined;
  return Buffer.from([bytes[0]! & 0x7f, bytes[1]! & 0x7f]);
}

function jisX0212(char: string): Buffer | undefined {
  const bytes = inTable('euc-jp', char);
  return bytes?.length === 3 ? Buffer.from([bytes[1]! & 0x7f, bytes[2]! & 0x7f]) : undefined;
}

function ksX1001(char: string): Buffer | undefined {
  const bytes = inTable('euc-kr', char);
  return bytes?.length === 2 && bytes[0]! >= 0xa1 && bytes[1]! >= 0xa1 ? bytes : undefined;
}

function gb2312(char: string): Buffer | undefined {
  const bytes = inTable('gbk', char);
  if (
    bytes?.length !== 2 ||
    bytes[0]! < 0xa1 ||
    bytes[0]! > 0xf7 ||
    (bytes[0]! > 0xa9 && bytes[0]! < 0xb0) ||
    bytes[1]! < 0xa1
  )
    return undefined;
  // Signs that GBK added within the rows of GB 2312.
  const added =
    (bytes[0] === 0xa2 && bytes[1]! <= 0xaa) ||
    (bytes[0] === 0xa6 && bytes[1]! >= 0xe0 && bytes[1]! <= 0xf5) ||
    (bytes[0] === 0xa8 && bytes[1]! >= 0xbb && bytes[1]! <= 0xc0);
  return added ? undefined : bytes;
}

function upperHalf(encoding: string): (char: string) => Buffer | undefined {
  return (char) => {
    const bytes = inTable(encoding, char);
    return bytes?.length === 1 && bytes[0]! >= 0xa0 ? bytes : undefined;
  };
}

const latin = (final: number, encoding: string): readonly CodeElement[] => [
  ASCII,
  { region: 'G1', escape: esc(0x2d, final), encode: upperHalf(encoding) },
];

/** The code elements of each defined term with code extensions, ISO 2022 IR n. */
export const CODE_ELEMENTS: ReadonlyMap<string, readonly CodeElement[]> = new Map([
  ['ISO 2022 IR 6', [ASCII]],
  ['ISO 2022 IR 100', latin(0x41, 'iso-8859-1')],
  ['ISO 2022 IR 101', latin(0x42, 'iso-8859-2')],
  ['ISO 2022 IR 109', latin(0x43, 'iso-8859-3')],
  ['ISO 2022 IR 110', latin(0x44, 'iso-8859-4')],
  ['ISO 2022 IR 144', latin(0x4c, 'iso-8859-5')],
  ['ISO 2022 IR 127', latin(0x47, 'iso-8859-6')],
  ['ISO 2022 IR 126', latin(0x46, 'iso-8859-7')],
  ['ISO 2022 IR 138', latin(0x48, 'iso-8859-8')],
  ['ISO 2022 IR 148', latin(0x4d, 'iso-8859-9')],
  ['ISO 2022 IR 166', latin(0x54, 'tis620')],
  [
    'ISO 2022 IR 13',
    [
      { region: 'G0', escape: esc(0x28, 0x4a), encode: encodeRomaji },
      { region: 'G1', escape: esc(0x29, 0x49), encode: encodeKatakana },
    ],
  ],
  ['ISO 2022 IR 87', [{ region: 'G0', escape: esc(0x24, 0x42), encode: jisX0208 }]],
  ['ISO 2022 IR 159', [{ region: 'G0', escape: esc(0x24, 0x28, 0x44), encode: jisX0212 }]],
  ['ISO 2022 IR 149', [{ region: 'G1', escape: esc(0x24, 0x29, 0x43), encode: ksX1001 }]],
  ['ISO 2022 IR 58', [{ region: 'G1', escape: esc(0x24, 0x29, 0x41), encode: gb2312 }]],
]);
