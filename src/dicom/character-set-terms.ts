import { SingleByteSet } from './single-byte-set.ts';

/**
 * What Specific Character Set (0008,0005) asks for (PS3.3 C.12.1.1.2): one coding for all bytes, or several with escape sequences
 * between them (`iso2022`, terms in their defined spelling, the first one active at the start).
 */
export type CharacterCoding =
  | { readonly kind: 'ascii' }
  | { readonly kind: 'utf8' }
  | { readonly kind: 'table'; readonly decode: SingleByteSet; readonly encode: SingleByteSet }
  | { readonly kind: 'chinese'; readonly encoding: 'gb18030' | 'gbk' }
  | { readonly kind: 'iso2022'; readonly terms: readonly string[] };

const ASCII: CharacterCoding = { kind: 'ascii' };
/** What senders mean by bytes with the high bit when they have not said it. */
export const WINDOWS_LATIN_1 = new SingleByteSet('windows-1252');

function table(encoding: string, decode?: SingleByteSet): CharacterCoding {
  const encode = new SingleByteSet(encoding);
  return { kind: 'table', encode, decode: decode ?? encode };
}

// Bytes 80-9F are controls in ISO 8859 and no text; senders that use them mean the Windows code page.
const LATIN_1 = table('iso-8859-1', WINDOWS_LATIN_1);

/** Codings of single values, by ISO registration number. */
const BY_REGISTRATION: ReadonlyMap<string, CharacterCoding> = new Map<string, CharacterCoding>([
  ['6', ASCII],
  ['100', LATIN_1],
  ['101', table('iso-8859-2')],
  ['109', table('iso-8859-3')],
  ['110', table('iso-8859-4')],
  ['144', table('iso-8859-5')],
  ['127', table('iso-8859-6')],
  ['126', table('iso-8859-7')],
  ['138', table('iso-8859-8')],
  ['148', table('iso-8859-9', new SingleByteSet('windows-1254'))],
  ['203', table('iso-8859-15')],
  ['166', table('tis620', new SingleByteSet('windows-874'))],
  ['13', { kind: 'iso2022', terms: ['ISO 2022 IR 13'] }],
  ['192', { kind: 'utf8' }],
]);

const GB18030: CharacterCoding = { kind: 'chinese', encoding: 'gb18030' };
const GBK: CharacterCoding = { kind: 'chinese', encoding: 'gbk' };

// The spellings that nearly every object has, so that no pattern is needed for them.
const EXACT: ReadonlyMap<string, CharacterCoding> = new Map([
  ['', ASCII],
  ['GB18030', GB18030],
  ['GBK', GBK],
  ...[...BY_REGISTRATION].map(([number, coding]): [string, CharacterCoding] => [`ISO_IR ${number}`, coding]),
]);

const EXTENSION_TERMS: ReadonlySet<string> = new Set([
  '6',
  '13',
  '58',
  '87',
  '100',
  '101',
  '109',
  '110',
  '126',
  '127',
  '138',
  '144',
  '148',
  '149',
  '159',
  '166',
  '203',
]);
const G0_MULTI_BYTE: ReadonlySet<string> = new Set(['87', '159']);
const OTHER_SPELLINGS: ReadonlyMap<string, CharacterCoding> = new Map([
  ['UTF-8', { kind: 'utf8' }],
  ['UTF8', { kind: 'utf8' }],
  ['GB2312', GBK],
  ['ISO 8859-1', LATIN_1],
  ['ISO-8859-1', LATIN_1],
  ['ISO8859-1', LATIN_1],
  ['LATIN1', LATIN_1],
]);

const TERM = /^ISO[ _-]*(2022)?[ _-]*IR[ _-]*(\d{1,3})$/;

function single(term: string): CharacterCoding | undefined {
  const known = EXACT.get(term) ?? OTHER_SPELLINGS.get(term);
  if (known !== undefined) return known;
  const match = TERM.exec(term);
  if (match === null) return undefined;
  const number = match[2]!;
  const coding = BY_REGISTRATION.get(number);
  // A lone `ISO 2022 IR 100` is Latin 1 whose text may carry escape sequences.
  if (match[1] === undefined) return coding;
  return EXTENSION_TERMS.has(number)
    ? {
        kind: 'iso2022',
        terms: G0_MULTI_BYTE.has(number) ? ['ISO 2022 IR 6', `ISO 2022 IR ${number}`] : [`ISO 2022 IR ${number}`],
      }
    : coding;
}

/** The coding of a raw (0008,0005) value. Unknown terms are passed over; what remains of nothing is the default repertoire. */
export function characterCoding(charset: string): CharacterCoding {
  const exact = EXACT.get(charset);
  if (exact !== undefined) return exact;
  const values = charset.split('\\').map((value) => value.replaceAll('\0', '').trim().toUpperCase());
  const first = single(values[0]!) ?? ASCII;
  // UTF-8, GB18030 and GBK stand alone (PS3.3 C.12.1.1.2).
  if (values.length === 1 || first.kind === 'utf8' || first === GB18030 || first === GBK) return first;
  const numbers: string[] = [];
  for (const [index, value] of values.entries()) {
    const number = value === '' ? '6' : TERM.exec(value)?.[2];
    if (number !== undefined && EXTENSION_TERMS.has(number) && !numbers.includes(number)) numbers.push(number);
    else if (index === 0) numbers.push('6');
  }
  // JIS X 0208 and 0212 take the place of ASCII, so they cannot be what a text begins in.
  if (G0_MULTI_BYTE.has(numbers[0]!)) numbers.unshift('6');
  return { kind: 'iso2022', terms: [...new Set(numbers)].map((number) => `ISO 2022 IR ${number}`) };
}
