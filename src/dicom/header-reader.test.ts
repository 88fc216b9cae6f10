import { describe, expect, it } from 'vitest';
import { dataSetOf, encodeDataSet } from './data-set.ts';
import { DEFAULT_HEADER_BYTES, HeaderError, HeaderReader } from './header-reader.ts';
import { EXPECTED, faultOf, hex, INSTANCE, PIXELS, read, whole } from './test-support/read-header.ts';
import { UID } from './uids.ts';

describe.each([
  UID.ImplicitVRLittleEndian,
  UID.ExplicitVRLittleEndian,
  UID.ExplicitVRBigEndian,
  UID.DeflatedExplicitVRLittleEndian,
  UID.JPEGBaseline8Bit,
  '1.2.3.999',
])('in %s', (syntax) => {
  const coded = encodeDataSet(whole(PIXELS), syntax);
  it.each([1, 2, 3, 7, 64, 999, 100_000])('reads the header from chunks of %i bytes', (chunk) => {
    expect(read(coded, syntax, chunk)).toMatchObject(EXPECTED);
  });
});

it('needs nothing from Pixel Data on, and passes over large values without keeping them', () => {
  const coded = encodeDataSet(
    whole(PIXELS, { tag: 0x00091002, vr: 'UN', bytes: Buffer.alloc(1 << 20) }),
    UID.ExplicitVRLittleEndian,
  );
  const { used, ...header } = read(coded, UID.ExplicitVRLittleEndian, 100);
  expect(header).toEqual(EXPECTED);
  expect(used).toBeLessThan(coded.length - 4000);
});

it('reads elements that are out of order', () => {
  const parts = INSTANCE.map((element) => encodeDataSet(dataSetOf(element), UID.ExplicitVRLittleEndian));
  const late = encodeDataSet(
    dataSetOf({ tag: 0x00880140, vr: 'UI', bytes: Buffer.from('1.2\0') }),
    UID.ExplicitVRLittleEndian,
  );
  expect(
    read(Buffer.concat([late, ...parts.toReversed(), encodeDataSet(dataSetOf(PIXELS), UID.ExplicitVRLittleEndian)])),
  ).toMatchObject(EXPECTED);
});

it('ends at the first tag above all that is kept, once the object is identified', () => {
  const beyond = { tag: 0x52009230, vr: 'SQ' as const, items: Array.from({ length: 50 }, () => new Map()) };
  const coded = encodeDataSet(whole(beyond), UID.ExplicitVRLittleEndian);
  expect(read(coded, UID.ExplicitVRLittleEndian, 50).used).toBeLessThan(coded.length - 300);
});

describe('sequences', () => {
  const tail = encodeDataSet(dataSetOf(...INSTANCE.slice(7)), UID.ExplicitVRLittleEndian);
  const item = '0800 0001 5348 0200 5820';
  const itemImplicit = '0800 0001 0200 0000 5820';
  it.each([
    [
      'undefined lengths',
      `0800 3210 5351 0000 ffffffff feff00e0 ffffffff ${item} feff0de0 00000000 feffdde0 00000000`,
      [{ CodeValue: 'X' }],
    ],
    [
      'an undefined item in a defined sequence',
      `0800 3210 5351 0000 1a000000 feff00e0 ffffffff ${item} feff0de0 00000000`,
      [{ CodeValue: 'X' }],
    ],
    [
      'UN of undefined length',
      `0800 3210 554e 0000 ffffffff feff00e0 0a000000 ${itemImplicit} feffdde0 00000000`,
      [{ CodeValue: 'X' }],
    ],
    ['UN of defined length', `0800 3210 554e 0000 12000000 feff00e0 0a000000 ${itemImplicit}`, [{ CodeValue: 'X' }]],
    ['no items', '0800 3210 5351 0000 00000000', []],
    [
      'a private one around it',
      `0900 0110 5351 0000 ffffffff feff00e0 ffffffff 0800 3210 5351 0000 00000000 feff0de0 00000000 feffdde0 00000000`,
      undefined,
    ],
    [
      'fragments of an icon',
      `8800 0002 5351 0000 ffffffff feff00e0 ffffffff e07f 1000 4f42 0000 ffffffff feff00e0 00000000 feff00e0 04000000 01020304 feffdde0 00000000 feff0de0 00000000 feffdde0 00000000`,
      undefined,
    ],
    ['text where a sequence should be', '0800 3210 4c4f 0400 41424344', undefined],
    ['a fault within a known length', `0800 3210 5351 0000 12000000 feff00e0 0a000000 0800 0001 5348 ff00 5820`, []],
    ['something else than items', `0800 3210 5351 0000 0a000000 ${item}`, []],
  ])('with %s', (_, sequenceHex, expected) => {
    const { attributes } = read(Buffer.concat([hex(sequenceHex), tail]));
    expect(attributes['ProcedureCodeSequence']).toEqual(expected);
    expect(attributes['StudyInstanceUID']).toBe('1.2.3');
    expect(read(Buffer.concat([hex(sequenceHex), tail]), UID.ExplicitVRLittleEndian, 1).attributes).toEqual(attributes);
  });
});

describe('values', () => {
  it.each([
    [
      'an unknown VR of two capitals with a 32-bit length',
      '1000 2000 5858 0000 04000000 41424344',
      { PatientID: 'ABCD' },
    ],
    ['an unknown VR with a 16-bit length', '1000 2000 3f3f 0400 41424344', { PatientID: 'ABCD' }],
    ['UN by the dictionary', '1000 2000 554e 0000 04000000 41422000', { PatientID: 'AB' }],
    ['a NUL as padding', '1000 2000 4c4f 0200 4100', { PatientID: 'A' }],
    ['nothing', '1000 2000 4c4f 0000', { PatientID: '' }],
    ['the first of two', '1000 2000 4c4f 0200 4120 1000 2000 4c4f 0200 4220', { PatientID: 'A' }],
    ['several numbers', '2800 1000 5553 0400 0100 0002', { Rows: '1\\512' }],
    ['a number that is written as text', '2800 1000 4953 0400 35313220', { Rows: '512' }],
    ['half a number', '2800 1000 5553 0100 01', { Rows: '' }],
    ['bytes where text should be', '1000 2000 4f42 0000 02000000 4142', {}],
    ['a group length', '1000 0000 554c 0400 00000000 1000 2000 4c4f 0200 4120', { PatientID: 'A' }],
  ])('reads %s', (_, bytes, expected) => {
    expect(read(hex(bytes, '2000 0d00 5549 0400 312e3200')).attributes).toEqual({
      ...expected,
      StudyInstanceUID: '1.2',
    });
  });
});

describe('faults', () => {
  it.each([
    ['', 'HEADER_EMPTY 00000000 0'],
    ['0800', 'HEADER_TRUNCATED 00000000 0'],
    ['0800 1800 5549 0400 312e', 'HEADER_TRUNCATED 00080018 0'],
    ['0900 0110 4f42 0000 00ffffff 00', 'HEADER_TRUNCATED 00091001 13'],
    ['0800 3210 5351 0000 ffffffff', 'HEADER_TRUNCATED 00081032 12'],
    ['0800 3210 5351 0000 ffffffff 0800 1800 5549 0000', 'HEADER_UNREADABLE 00080018 12'],
    ['feff 0de0 00000000', 'HEADER_UNREADABLE fffee00d 0'],
    ['0800 1800 5549 0400 312e412e', 'UID_INVALID 00080018 0'],
    ['0800 1800 5549 0600 312e2e2f2e2e', 'UID_INVALID 00080018 0'],
    ['2000 0d00 5549 0800 312e325c312e3300', 'UID_INVALID 0020000d 0'],
  ])('%s', (bytes, fault) => {
    expect(faultOf(hex(bytes))).toBe(fault);
  });

  it('takes an identifying UID that is empty as none', () => {
    expect(read(hex('0800 1800 5549 0000 0800 6000 4353 0200 4354')).attributes).toEqual({
      SOPInstanceUID: '',
      Modality: 'CT',
    });
  });

  it('takes a few zero bytes at the end as padding', () => {
    expect(read(hex('0800 6000 4353 0200 4354 000000')).attributes).toEqual({ Modality: 'CT' });
  });

  it('has a limit for nesting', () => {
    expect(faultOf(hex('0900 0110 5351 0000 ffffffff feff00e0 ffffffff'.repeat(40)))).toMatch(/^HEADER_TOO_DEEP/);
  });

  it('stops at the byte limit and says so', () => {
    const coded = encodeDataSet(whole(PIXELS), UID.ExplicitVRLittleEndian);
    const header = read(coded, UID.ExplicitVRLittleEndian, coded.length, 100);
    expect(header.truncated).toBe(true);
    expect(header.attributes['SOPInstanceUID']).toBe('1.2.3.4');
    expect(header.attributes['Rows']).toBeUndefined();
  });

  it('does not wait for a value that no attribute has', () => {
    const reader = new HeaderReader({ transferSyntaxUid: UID.ImplicitVRLittleEndian, maxBytes: DEFAULT_HEADER_BYTES });
    expect(reader.push(hex('1000 2000 f0ffffff'))).toBe(false);
    for (let i = 0; i < 100; i += 1) expect(reader.push(Buffer.alloc(1 << 16))).toBe(false);
    expect(() => reader.finish()).toThrow(/ends before its header does/);
  });

  it('takes no more after a fault, which finish tells', () => {
    const reader = new HeaderReader({ transferSyntaxUid: UID.ExplicitVRLittleEndian, maxBytes: DEFAULT_HEADER_BYTES });
    expect(reader.push(hex('feff 0de0 00000000'))).toBe(true);
    expect(reader.push(Buffer.alloc(10))).toBe(true);
    expect(() => reader.finish()).toThrow(HeaderError);
  });
});
