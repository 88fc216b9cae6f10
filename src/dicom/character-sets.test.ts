import { convertBytes } from 'dicom-character-set';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { chooseResponseCharset, decodeText, encodeText } from './character-sets.ts';
import type { VR } from './vr-table.ts';

const hex = (text: string, charset: string, vr: 'PN' | 'LO' | 'LT' = 'PN'): string | undefined =>
  encodeText(text, charset, vr)?.toString('hex');
const bytes = (text: string): Buffer => Buffer.from(text, 'latin1');

describe('examples of PS3.5 annexes H, I, J and K', () => {
  it.each([
    [
      'ISO 2022 IR 6\\ISO 2022 IR 87',
      'Yamada^Tarou=山田^太郎=やまだ^たろう',
      'Yamada^Tarou=\x1b$B;3ED\x1b(B^\x1b$BB@O:\x1b(B=\x1b$B$d$^$@\x1b(B^\x1b$B$?$m$&\x1b(B',
    ],
    [
      'ISO 2022 IR 13\\ISO 2022 IR 87',
      'ﾔﾏﾀﾞ^ﾀﾛｳ=山田^太郎=やまだ^たろう',
      '\xd4\xcf\xc0\xde^\xc0\xdb\xb3=\x1b$B;3ED\x1b(J^\x1b$BB@O:\x1b(J=\x1b$B$d$^$@\x1b(J^\x1b$B$?$m$&\x1b(J',
    ],
    [
      '\\ISO 2022 IR 149',
      'Hong^Gildong=洪^吉洞=홍^길동',
      'Hong^Gildong=\x1b$)C\xfb\xf3^\x1b$)C\xd1\xce\xd4\xd7=\x1b$)C\xc8\xab^\x1b$)C\xb1\xe6\xb5\xbf',
    ],
    ['\\ISO 2022 IR 58', 'Zhang^XiaoDong=张^小东=', 'Zhang^XiaoDong=\x1b$)A\xd5\xc5^\x1b$)A\xd0\xa1\xb6\xab='],
    ['ISO_IR 192', 'Wang^XiaoDong=王^小東=', 'Wang^XiaoDong=\xe7\x8e\x8b^\xe5\xb0\x8f\xe6\x9d\xb1='],
    ['GB18030', 'Wang^XiaoDong=王^小东=', 'Wang^XiaoDong=\xcd\xf5^\xd0\xa1\xb6\xab='],
    ['ISO_IR 100', 'Äneas^Rüdiger', '\xc4neas^R\xfcdiger'],
    ['ISO_IR 13', 'ﾔﾏﾀﾞ^ﾀﾛｳ', '\xd4\xcf\xc0\xde^\xc0\xdb\xb3'],
  ])('%s', (charset, text, coded) => {
    expect(encodeText(text, charset, 'PN')).toEqual(bytes(coded));
    expect(decodeText(bytes(coded), charset, 'PN')).toBe(text);
  });
});

describe('decodeText', () => {
  it.each([
    ['ISO_IR 100', 'M\xe4kinen^\x8alavo', 'Mäkinen^Šlavo'],
    ['iso_ir 100 ', '\xe4', 'ä'],
    ['ISO-IR 100', '\xe4', 'ä'],
    ['ISO 2022 IR 100', '\xe4', 'ä'],
    ['UTF-8', '\xc3\xa4', 'ä'],
    ['ISO_IR 192\\ISO 2022 IR 100', '\xc3\xa4', 'ä'],
    ['ISO_IR 203', '\xa4\xa6', '€Š'],
    ['', '\xc3\xa4', 'ä'],
    ['', '\xe4', 'ä'],
    ['NONSENSE', '\xe4', 'ä'],
    ['ISO 2022 IR 6\\NONSENSE', 'a\x1b$B;3\x1b(B', 'a山'],
    ['ISO 2022 IR 6', 'a\x1b%G\xe4', 'a\x1b%Gä'],
    ['\\ISO 2022 IR 87', '\x1b$B;', '\ufffd'],
    ['\\ISO 2022 IR 149', '\x1b$)C\xc8', '\ufffd'],
    ['ISO 2022 IR 203\\ISO 2022 IR 87', '\xa6^\x1b$B;3\x1b(B', 'Š^山'],
    ['ISO 2022 IR 87', 'A^\x1b$B;3\x1b(B', 'A^山'],
    ['ISO_IR 101', '\xb9\xbe', 'šž'],
    ['ISO_IR 144', '\xd0', 'а'],
    ['ISO_IR 166', '\xa1', 'ก'],
  ])('%s %j', (charset, coded, text) => {
    expect(decodeText(bytes(coded), charset, 'PN')).toBe(text);
  });

  it('leaves VRs alone that the character set does not govern', () => {
    expect(decodeText(bytes('1.2\0'), 'ISO_IR 13', 'UI')).toBe('1.2\0');
  });

  it('never throws, whatever the bytes and the character set', () => {
    const term = fc.oneof(
      fc.constantFrom(
        '',
        'ISO_IR 100',
        'ISO_IR 192',
        'ISO 2022 IR 87',
        'ISO 2022 IR 13',
        'ISO 2022 IR 149',
        'ISO 2022 IR 159',
        'GB18030',
        'ISO_IR 13',
      ),
      fc.string(),
    );
    const part = fc.oneof(
      fc.uint8Array({ maxLength: 6 }),
      fc.constantFrom([0x1b, 0x24, 0x42], [0x1b, 0x24, 0x29, 0x43], [0x1b, 0x28, 0x4a], [0x1b]),
    );
    fc.assert(
      fc.property(
        fc.array(term, { maxLength: 3 }),
        fc.array(part, { maxLength: 10 }),
        fc.constantFrom('PN', 'LO', 'LT', 'UI', 'OB'),
        (terms, parts, vr) => {
          expect(typeof decodeText(Buffer.concat(parts.map((p) => Buffer.from(p))), terms.join('\\'), vr as 'PN')).toBe(
            'string',
          );
        },
      ),
    );
  });
});

describe('encodeText', () => {
  it('says no rather than lose a character', () => {
    expect(hex('山', 'ISO_IR 100')).toBeUndefined();
    expect(hex('ä', '')).toBeUndefined();
    expect(hex('Š', 'ISO_IR 100')).toBeUndefined();
    expect(hex('①', '\\ISO 2022 IR 87')).toBeUndefined();
    expect(hex('갂', '\\ISO 2022 IR 149')).toBeUndefined();
    expect(hex('ⅰ', '\\ISO 2022 IR 58')).toBeUndefined();
    expect(hex('\ud800', 'ISO_IR 192')).toBeUndefined();
    expect(encodeText('ä', 'ISO_IR 192', 'CS')).toBeUndefined();
    expect(hex('¥', 'ISO_IR 13', 'LO')).toBeUndefined();
  });

  it('does not let text bring escape sequences of its own', () => {
    expect(hex('\x1b$B;3', '\\ISO 2022 IR 87')).toBeUndefined();
    for (const charset of ['', 'ISO_IR 100', 'ISO_IR 192', 'GB18030', 'ISO_IR 13'])
      expect(hex('\x1bä', charset)).toBeUndefined();
  });

  it('designates again after a delimiter, and only where the VR has it', () => {
    expect(hex('홍\\홍', '\\ISO 2022 IR 149', 'LO')).toBe('1b242943c8ab5c1b242943c8ab');
    expect(hex('홍^홍', '\\ISO 2022 IR 149', 'LO')).toBe('1b242943c8ab5ec8ab');
    expect(hex('홍\\홍', '\\ISO 2022 IR 149', 'LT')).toBe('1b242943c8ab5cc8ab');
    expect(hex('山\r\n田', '\\ISO 2022 IR 87', 'LT')).toBe('1b24423b331b28420d0a1b244245441b2842');
  });

  it('uses JIS X 0212 for what JIS X 0208 lacks', () => {
    expect(hex('山丂', '\\ISO 2022 IR 87\\ISO 2022 IR 159')).toBe('1b24423b331b24284430211b2842');
    expect(
      decodeText(Buffer.from('1b24423b331b24284430211b2842', 'hex'), '\\ISO 2022 IR 87\\ISO 2022 IR 159', 'PN'),
    ).toBe('山丂');
  });

  const REPERTOIRES: readonly (readonly [string, string])[] = [
    ['', 'abcXYZ 09-'],
    ['ISO_IR 100', 'abäöåÅÄÖéß '],
    ['ISO_IR 101', 'abšžčđőű'],
    ['ISO_IR 110', 'abšžčõā'],
    ['ISO_IR 144', 'Иванов '],
    ['ISO_IR 126', 'Διονυσιος'],
    ['ISO_IR 138', 'שרון '],
    ['ISO_IR 127', 'قباني'],
    ['ISO_IR 148', 'şğıİ'],
    ['ISO_IR 203', '€ŠšŽž'],
    ['ISO_IR 166', 'กขฃ'],
    ['ISO_IR 13', 'abﾔﾏﾀﾞ'],
    ['ISO_IR 192', 'aä山홍😀'],
    ['GB18030', 'aä山홍😀王'],
    ['GBK', 'a王小'],
    ['ISO 2022 IR 6\\ISO 2022 IR 87\\ISO 2022 IR 159', 'ab 山田丂やま'],
    ['ISO 2022 IR 13\\ISO 2022 IR 87', 'abﾔﾏ山田'],
    ['\\ISO 2022 IR 149', 'ab 홍길洪'],
    ['ISO 2022 IR 149', 'ab 홍길洪'],
    ['\\ISO 2022 IR 58', 'ab 张小'],
    ['ISO 2022 IR 100\\ISO 2022 IR 144\\ISO 2022 IR 126', 'abäöИвΔι'],
    ['ISO 2022 IR 100\\ISO 2022 IR 87', 'aäö山'],
  ];

  it.each(REPERTOIRES)('%s decodes to what was encoded', (charset, repertoire) => {
    const chars = fc.constantFrom(...Array.from(repertoire), '^', '=', '\\');
    fc.assert(
      fc.property(fc.array(chars, { maxLength: 20 }), (text) => {
        const coded = encodeText(text.join(''), charset, 'PN');
        expect(coded).toBeDefined();
        expect(decodeText(coded!, charset, 'PN')).toBe(text.join(''));
      }),
      { numRuns: 60 },
    );
  });

  it.each(REPERTOIRES.filter(([charset]) => charset.includes('ISO 2022')))(
    '%s is read alike by dicom-character-set',
    (charset, repertoire) => {
      const chars = fc.constantFrom(...Array.from(repertoire), '^', '=', '\\');
      fc.assert(
        fc.property(fc.array(chars, { maxLength: 20 }), fc.constantFrom<VR>('PN', 'LO'), (text, vr) => {
          const coded = encodeText(text.join(''), charset, vr)!;
          expect(convertBytes(charset, coded, { vr })).toBe(text.join(''));
        }),
        { numRuns: 60 },
      );
    },
  );
});

describe('chooseResponseCharset', () => {
  it.each([
    [['abc'], ['', 'ISO_IR 100'], ''],
    [['abc', 'ä'], ['', 'ISO_IR 100'], 'ISO_IR 100'],
    [['山', 'ä'], ['ISO_IR 100', '\\ISO 2022 IR 87'], 'ISO_IR 192'],
    [['山'], ['ISO_IR 100', '\\ISO 2022 IR 87'], '\\ISO 2022 IR 87'],
    [[], [], 'ISO_IR 192'],
  ])('%j of %j is %j', (texts, preferred, expected) => {
    expect(chooseResponseCharset(texts, preferred)).toBe(expected);
  });
});
