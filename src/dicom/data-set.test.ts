import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  DATA_SET_LIMITS,
  dataSetOf,
  DataSetError,
  decodeDataSet,
  encodeDataSet,
  getItems,
  getString,
  getUid,
  getUS,
  sequence,
  text,
  uid,
  unsignedShort,
  type DataSet,
  type Element,
} from './data-set.ts';
import { TAG } from './tags.ts';
import { UID } from './uids.ts';

const SYNTAXES = [
  UID.ImplicitVRLittleEndian,
  UID.ExplicitVRLittleEndian,
  UID.ExplicitVRBigEndian,
  UID.DeflatedExplicitVRLittleEndian,
];

const faultOf = (hex: string, syntax: string = UID.ExplicitVRLittleEndian, limits = DATA_SET_LIMITS): string => {
  try {
    decodeDataSet(Buffer.from(hex.replaceAll(' ', ''), 'hex'), syntax, limits);
    return 'decoded';
  } catch (error) {
    if (error instanceof DataSetError)
      return `${error.code} ${error.tag.toString(16).padStart(8, '0')} ${error.offset}`;
    throw error;
  }
};

const IDENTIFIER = dataSetOf(
  text(TAG.SpecificCharacterSet, 'CS', 'ISO_IR 100', ''),
  text(TAG.QueryRetrieveLevel, 'CS', 'STUDY', ''),
  text(TAG.PatientName, 'PN', 'Mäkinen^Åsa', 'ISO_IR 100'),
  uid(TAG.StudyInstanceUID, '1.2.3'),
  unsignedShort(TAG.Rows, 512),
  sequence(TAG.RequestAttributesSequence, [dataSetOf(text(TAG.ScheduledProcedureStepID, 'SH', 'S1', '')), new Map()]),
  sequence(TAG.ProcedureCodeSequence, []),
);

describe('encode and decode', () => {
  it.each(SYNTAXES)('keeps an identifier in %s', (syntax) => {
    const coded = encodeDataSet(IDENTIFIER, syntax);
    expect(coded.length % 2).toBe(0);
    const back = decodeDataSet(coded, syntax);
    expect([...back.keys()]).toEqual([...IDENTIFIER.keys()].toSorted((a, b) => a - b));
    expect(getString(back, TAG.PatientName, 'ISO_IR 100')).toBe('Mäkinen^Åsa');
    expect(getUid(back, TAG.StudyInstanceUID)).toBe('1.2.3');
    expect(getUS(back, TAG.Rows)).toBe(512);
    const [first, second] = getItems(back, TAG.RequestAttributesSequence);
    expect(getString(first!, TAG.ScheduledProcedureStepID, '')).toBe('S1');
    expect(second!.size).toBe(0);
    expect(getItems(back, TAG.ProcedureCodeSequence)).toEqual([]);
    expect(encodeDataSet(back, syntax)).toEqual(coded);
  });

  it('writes the bytes of PS3.5 7.1 and 7.5', () => {
    const dataSet = dataSetOf(
      sequence(TAG.ProcedureCodeSequence, [dataSetOf(text(TAG.CodeValue, 'SH', 'X', ''))]),
      unsignedShort(TAG.Rows, 0x0102),
    );
    expect(encodeDataSet(dataSet, UID.ImplicitVRLittleEndian).toString('hex')).toBe(
      '0800321012000000feff00e00a000000080000010200000058202800100002000000' + '0201',
    );
    expect(encodeDataSet(dataSet, UID.ExplicitVRBigEndian).toString('hex')).toBe(
      '000810325351000000000012fffee0000000000a0008010053480002582000280010555300020102',
    );
  });

  const value: fc.Arbitrary<Element> = fc.oneof(
    fc.string({ unit: 'grapheme-ascii', maxLength: 20 }).map((s) => text(TAG.PatientID, 'LO', s, '')),
    fc
      .uint8Array({ maxLength: 40 })
      .map((bytes): Element => ({ tag: 0x00091001, vr: 'UN', bytes: Buffer.from(bytes) })),
    fc
      .array(fc.integer({ min: 0, max: 0xffff }), { maxLength: 5 })
      .map((numbers): Element => ({ tag: TAG.Rows, vr: 'US', bytes: Buffer.from(Uint16Array.from(numbers).buffer) })),
    fc.array(fc.double(), { maxLength: 3 }).map((numbers): Element => ({
      tag: 0x00189306,
      vr: 'FD',
      bytes: Buffer.from(Float64Array.from(numbers).buffer),
    })),
  );
  const dataSet: fc.Arbitrary<DataSet> = fc.letrec<{ set: DataSet; element: Element }>((tie) => ({
    element: fc.oneof(
      { maxDepth: 3 },
      value,
      fc.array(tie('set'), { maxLength: 3 }).map((items) => sequence(TAG.ProcedureCodeSequence, items)),
    ),
    set: fc.array(tie('element'), { maxLength: 4 }).map((elements) => dataSetOf(...elements)),
  })).set;

  it('decodes what it encodes, in every syntax alike', () => {
    fc.assert(
      fc.property(dataSet, (original) => {
        const explicit = encodeDataSet(original, UID.ExplicitVRLittleEndian);
        for (const syntax of SYNTAXES) {
          const back = decodeDataSet(encodeDataSet(original, syntax), syntax);
          expect(encodeDataSet(back, UID.ExplicitVRLittleEndian)).toEqual(explicit);
        }
      }),
      { numRuns: 60 },
    );
  });

  it('sends a value that a 16-bit length cannot hold as UN', () => {
    const long = dataSetOf({ tag: TAG.PatientComments, vr: 'LT', bytes: Buffer.alloc(70_000, 0x61) });
    const coded = encodeDataSet(long, UID.ExplicitVRLittleEndian);
    expect(coded.toString('latin1', 4, 6)).toBe('UN');
    expect(getString(decodeDataSet(coded, UID.ExplicitVRLittleEndian), TAG.PatientComments, '')).toHaveLength(70_000);
  });
});

describe('UN and undefined lengths', () => {
  it('reads UN of undefined length as implicit little endian (CP-246)', () => {
    const coded = '08003210 554e0000ffffffff feff00e0ffffffff 0800000102000000 5820 feff0de000000000 feffdde000000000';
    const [item] = getItems(
      decodeDataSet(Buffer.from(coded.replaceAll(' ', ''), 'hex'), UID.ExplicitVRLittleEndian),
      TAG.ProcedureCodeSequence,
    );
    expect(getString(item!, TAG.CodeValue, '')).toBe('X');
  });

  it('reads UN of a known sequence, and keeps it as bytes when it is none', () => {
    const sound = decodeDataSet(
      Buffer.from('08003210554e000012000000feff00e00a00000008000001020000005820', 'hex'),
      UID.ExplicitVRLittleEndian,
    );
    expect(getItems(sound, TAG.ProcedureCodeSequence)).toHaveLength(1);
    const opaque = decodeDataSet(Buffer.from('08003210554e00000400000001020304', 'hex'), UID.ExplicitVRLittleEndian);
    expect(opaque.get(TAG.ProcedureCodeSequence)?.vr).toBe('UN');
  });
});

describe('faults', () => {
  it.each([
    ['0800', 'TRUNCATED 00000000 0'],
    ['08000500 43530a00 4953', 'LENGTH_BEYOND_END 00080005 0'],
    ['08003210 5351', 'TRUNCATED 00000000 0'],
    ['08003210 53510000', 'TRUNCATED 00081032 0'],
    ['08003210 53510000 ffffffff', 'TRUNCATED 00081032 12'],
    ['08003210 53510000 08000000 0800050043530000', 'NOT_AN_ITEM 00081032 12'],
    ['08003210 53510000 ffffffff feff00e0ffffffff', 'TRUNCATED 00000000 20'],
    ['feff00e0 00000000', 'UNEXPECTED_ITEM fffee000 0'],
    ['08000500 43530000 08000500 43530200 4142', 'decoded'],
    ['e07f1000 4f420000 ffffffff', 'ENCAPSULATED 7fe00010 0'],
  ])('%s', (hex, fault) => {
    expect(faultOf(hex)).toBe(fault);
  });

  it('stops at the limits', () => {
    const nested = '08003210 53510000 ffffffff feff00e0ffffffff'.repeat(40);
    expect(faultOf(nested)).toMatch(/^TOO_DEEP/);
    expect(
      faultOf('09000110555300000900021055530000', UID.ExplicitVRLittleEndian, { ...DATA_SET_LIMITS, elements: 1 }),
    ).toMatch(/^TOO_MANY_ELEMENTS/);
    const bomb = encodeDataSet(
      dataSetOf({ tag: 0x00091001, vr: 'UN', bytes: Buffer.alloc(1 << 20) }),
      UID.DeflatedExplicitVRLittleEndian,
    );
    expect(
      faultOf(bomb.toString('hex'), UID.DeflatedExplicitVRLittleEndian, { ...DATA_SET_LIMITS, inflatedBytes: 1 << 16 }),
    ).toMatch(/^INFLATE/);
    expect(faultOf('ffffffff', UID.DeflatedExplicitVRLittleEndian)).toMatch(/^INFLATE/);
  });

  it('gives only its own errors for any bytes', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), fc.constantFrom(...SYNTAXES), (bytes, syntax) => {
        expect(typeof faultOf(Buffer.from(bytes).toString('hex'), syntax)).toBe('string');
      }),
    );
  });
});

it('replaces what a character set cannot say', () => {
  expect((text(TAG.PatientName, 'PN', 'Ä山', 'ISO_IR 100') as { bytes: Buffer }).bytes).toEqual(
    Buffer.from('\xc4?', 'latin1'),
  );
  expect((text(TAG.Modality, 'CS', 'C\u00c4', 'ISO_IR 100') as { bytes: Buffer }).bytes).toEqual(
    Buffer.from('C?', 'latin1'),
  );
});
