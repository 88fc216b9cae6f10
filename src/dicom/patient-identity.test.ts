import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { dataSetOf, decodeDataSet, encodeDataSet, getString, sequence, text, uid } from './data-set.ts';
import type { DataSet } from './data-set.ts';
import { RecodeError } from './element-transcoder.ts';
import { withIdentity } from './patient-identity.ts';
import type { PatientIdentity } from './patient-identity.ts';
import { TAG } from './tags.ts';
import { UID } from './uids.ts';

const SYNTAXES = [
  UID.ImplicitVRLittleEndian,
  UID.ExplicitVRLittleEndian,
  UID.ExplicitVRBigEndian,
  UID.DeflatedExplicitVRLittleEndian,
];
const AINO: PatientIdentity = {
  patientId: '010190-998V',
  issuer: '1.2.246.21',
  name: 'Demo^Aino',
  birthDate: '19900101',
  sex: 'F',
};
const PIXELS = {
  tag: TAG.PixelData,
  vr: 'OW',
  bytes: Buffer.from(Array.from({ length: 5000 }, (_, i) => i & 0xff)),
} as const;
const BEFORE = [
  uid(TAG.SOPInstanceUID, '1.2.3'),
  sequence(TAG.ProcedureCodeSequence, [
    dataSetOf(text(TAG.PatientID, 'LO', 'NESTED', ''), text(TAG.CodeValue, 'SH', 'X', '')),
  ]),
];
const AFTER = [text(TAG.PatientComments, 'LT', 'kept', ''), uid(TAG.StudyInstanceUID, '1.2.4'), PIXELS];
const OLD = [
  text(TAG.PatientName, 'PN', 'Somebody^Else', ''),
  text(TAG.PatientID, 'LO', 'TMP-1', ''),
  text(TAG.TypeOfPatientID, 'CS', 'TEXT', ''),
  text(TAG.PatientBirthDate, 'DA', '19000101', ''),
  sequence(TAG.OtherPatientIDsSequence, [dataSetOf(text(TAG.PatientID, 'LO', 'OTHER', ''))]),
];

async function* cut(bytes: Buffer, size: number): AsyncGenerator<Buffer> {
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size);
}

async function told(bytes: Buffer, syntax: string, identity = AINO, chunk = 1000): Promise<Buffer> {
  const parts: Buffer[] = [];
  for await (const part of withIdentity(cut(bytes, chunk), syntax, identity)) parts.push(Buffer.from(part));
  return Buffer.concat(parts);
}

async function faultOf(bytes: Buffer, identity = AINO, syntax: string = UID.ExplicitVRLittleEndian): Promise<string> {
  try {
    await told(bytes, syntax, identity);
    return 'told';
  } catch (error) {
    if (error instanceof RecodeError) return error.code;
    throw error;
  }
}

const nameOf = (dataSet: DataSet): string => {
  const charset = getString(dataSet, TAG.SpecificCharacterSet, '') ?? '';
  return `${charset}: ${getString(dataSet, TAG.PatientName, charset)}`;
};

describe.each(SYNTAXES)('in %s', (syntax) => {
  const source = encodeDataSet(dataSetOf(...BEFORE, ...OLD, ...AFTER), syntax);
  it('says who the patient is, and nothing of the one before', async () => {
    const corrected = decodeDataSet(await told(source, syntax), syntax);
    const expected = dataSetOf(
      ...BEFORE,
      text(TAG.PatientName, 'PN', 'Demo^Aino', ''),
      text(TAG.PatientID, 'LO', '010190-998V', ''),
      text(TAG.IssuerOfPatientID, 'LO', '1.2.246.21', ''),
      sequence(TAG.IssuerOfPatientIDQualifiersSequence, [
        dataSetOf(
          text(TAG.UniversalEntityID, 'UT', '1.2.246.21', ''),
          text(TAG.UniversalEntityIDType, 'CS', 'ISO', ''),
        ),
      ]),
      text(TAG.PatientBirthDate, 'DA', '19900101', ''),
      text(TAG.PatientSex, 'CS', 'F', ''),
      ...AFTER,
    );
    const plain = (dataSet: DataSet): Buffer => encodeDataSet(dataSet, UID.ExplicitVRLittleEndian);
    expect(plain(corrected)).toEqual(plain(expected));
  });
  it('gives the same whatever the blocks are that it comes in', async () => {
    const whole = decodeDataSet(await told(source, syntax), syntax);
    for (const chunk of [1, 7, 13, 4096]) {
      expect(decodeDataSet(await told(source, syntax, AINO, chunk), syntax)).toEqual(whole);
    }
  });
  it('puts the patient where none was told', async () => {
    const bare = encodeDataSet(dataSetOf(...BEFORE), syntax);
    const corrected = decodeDataSet(await told(bare, syntax), syntax);
    expect(getString(corrected, TAG.PatientID, '')).toBe('010190-998V');
    expect(getString(corrected, TAG.SOPInstanceUID, '')).toBe('1.2.3');
  });
});

it('leaves every other byte as it is, in sequences of undefined length too', async () => {
  const hex = (text: string): Buffer => Buffer.from(text.replaceAll(/\s/g, ''), 'hex');
  // A group length, a sequence of undefined length with a patient of its own, UN of undefined length in implicit coding, an odd private value.
  const before = hex(`0800 0000 554c 0400 04000000
    0800 4011 5351 0000 ffffffff feff 00e0 ffffffff 1000 2000 4c4f 0200 4142 feff 0de0 00000000 feff dde0 00000000
    0900 0110 554e 0000 ffffffff feff 00e0 0a000000 1000 2000 02000000 4142 feff dde0 00000000`);
  const old = hex('1000 0000 554c 0400 0a000000 1000 2000 4c4f 0200 5858');
  const after = hex(
    '1000 0040 4c54 0200 6f6b 1100 0110 554e 0000 03000000 010203 e07f 1000 4f57 0000 04000000 01020304',
  );
  for (const chunk of [1, 5, 4096]) {
    const out = await told(Buffer.concat([before, old, after]), UID.ExplicitVRLittleEndian, AINO, chunk);
    const changed = out.subarray(before.length, out.length - after.length);
    expect(out.subarray(0, before.length)).toEqual(before);
    expect(out.subarray(out.length - after.length)).toEqual(after);
    expect(getString(decodeDataSet(changed, UID.ExplicitVRLittleEndian), TAG.PatientID, '')).toBe('010190-998V');
    expect(changed.includes('XX')).toBe(false);
  }
});

it('lets nothing of the other patient through that comes out of order', async () => {
  const hex = (text: string): Buffer => Buffer.from(text.replaceAll(/\s/g, ''), 'hex');
  const source = hex(`2000 0d00 5549 0400 312e3200 1000 2000 4c4f 0200 5858 1000 0010 4c4f 0200 5858
    1000 2000 4c4f 0200 5858 e07f 1000 4f57 0000 04000000 01020304`);
  for (const chunk of [1, 9, 4096]) {
    const out = await told(source, UID.ExplicitVRLittleEndian, AINO, chunk);
    expect(out.includes('XX')).toBe(false);
    expect(getString(decodeDataSet(out, UID.ExplicitVRLittleEndian), TAG.PatientID, '')).toBe('010190-998V');
  }
});

it('passes on as it is what was wrong behind the patient when it came', async () => {
  const bytes = encodeDataSet(dataSetOf(...BEFORE, ...OLD, ...AFTER), UID.ExplicitVRLittleEndian);
  const broken = Buffer.concat([
    bytes.subarray(0, bytes.length - 5012),
    Buffer.from('feffdde000000000', 'hex'),
    Buffer.from('rest'),
  ]);
  for (const chunk of [1, 9, 4096]) {
    const out = await told(broken, UID.ExplicitVRLittleEndian, AINO, chunk);
    expect(out.subarray(-12)).toEqual(broken.subarray(-12));
    expect(out.includes('TMP-1')).toBe(false);
  }
});

describe('character sets', () => {
  const of = (charset: string, name: string): Promise<string> => {
    const declared = charset === '' ? [] : [text(TAG.SpecificCharacterSet, 'CS', charset, '')];
    const source = encodeDataSet(dataSetOf(...declared, ...BEFORE, ...OLD, ...AFTER), UID.ExplicitVRLittleEndian);
    return told(source, UID.ExplicitVRLittleEndian, { ...AINO, name }).then((bytes) =>
      nameOf(decodeDataSet(bytes, UID.ExplicitVRLittleEndian)),
    );
  };
  it.each([
    ['', 'Demo^Aino', ': Demo^Aino'],
    ['', 'Mäkelä^Åsa', 'ISO_IR 100: Mäkelä^Åsa'],
    ['ISO_IR 100', 'Mäkelä^Åsa', 'ISO_IR 100: Mäkelä^Åsa'],
    ['ISO_IR 192', 'Љубица^Đ', 'ISO_IR 192: Љубица^Đ'],
    ['ISO_IR 144', 'Mäkelä^Åsa', 'ISO_IR 144: Makela^Asa'],
    ['', 'Šemšić^Ž', ': Semsic^Z'],
  ])('%j and %s', async (charset, name, expected) => expect(await of(charset, name)).toBe(expected));
  it('says which one cannot write a name at all', async () => {
    const source = encodeDataSet(dataSetOf(...BEFORE, ...OLD), UID.ExplicitVRLittleEndian);
    expect(await faultOf(source, { ...AINO, name: '山田^太郎' })).toBe('CHARSET');
  });
});

it('names a data set that ends too early, or is none', async () => {
  const source = encodeDataSet(dataSetOf(...BEFORE, ...OLD), UID.ExplicitVRLittleEndian);
  expect(await faultOf(source.subarray(0, source.length - 3))).toBe('TRUNCATED');
  expect(await faultOf(Buffer.from('feff00e000000000', 'hex'))).toBe('MALFORMED');
  expect(await faultOf(source, AINO, '1.2.3')).toBe('UNSUPPORTED');
});

it('never says anything but these faults, whatever the bytes', async () => {
  await fc.assert(
    fc.asyncProperty(fc.uint8Array({ maxLength: 200 }), fc.constantFrom(...SYNTAXES), async (bytes, syntax) => {
      expect(['told', 'TRUNCATED', 'MALFORMED', 'TOO_DEEP', 'INFLATE']).toContain(
        await faultOf(Buffer.from(bytes), AINO, syntax),
      );
    }),
  );
});
