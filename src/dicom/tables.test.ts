import { expect, it } from 'vitest';
import { generateDictionary } from '../../scripts/generate-dictionary.mjs';
import { readFileSync } from 'node:fs';
import { keywordOf, tagOf, tagText, vrOf } from './dictionary.ts';
import { HEADER_ATTRIBUTES } from './header-attributes.ts';
import { isStorageSopClass, sopClassName, STORAGE_SOP_CLASSES } from './sop-class-table.ts';
import { TAG } from './tags.ts';
import { transferSyntax, TRANSFER_SYNTAXES } from './transfer-syntaxes.ts';
import { isStrictUid } from './uid-syntax.ts';
import { KUVA_IMPLEMENTATION_CLASS_UID, UID } from './uids.ts';

it('keeps the generated dictionary as the generator writes it', async () => {
  const committed = readFileSync(new URL('./dictionary.generated.ts', import.meta.url), 'utf8');
  expect(await generateDictionary()).toBe(committed);
});

it('names every tag as the dictionary does', () => {
  const items = new Set<string>(['Item', 'ItemDelimitationItem', 'SequenceDelimitationItem']);
  const wrong = Object.entries(TAG).filter(([keyword, tag]) => !items.has(keyword) && tagOf(keyword) !== tag);
  expect(wrong).toEqual([]);
});

it.each([
  [0x00100010, 'PN', 'PatientName'],
  [0x7fe00010, 'OW', 'PixelData'],
  [0x00280106, 'US', 'SmallestImagePixelValue'],
  [0x60023000, 'OW', 'OverlayData'],
  [0x00290010, 'LO', undefined],
  [0x00291010, undefined, undefined],
  [0x00090000, 'UL', undefined],
  [0x00080051, 'SQ', 'IssuerOfAccessionNumberSequence'],
])('looks up %i', (tag, vr, keyword) => {
  expect([vrOf(tag), keywordOf(tag)]).toEqual([vr, keyword]);
});

it('writes a tag as the standard does', () => {
  expect(tagText(0x7fe00010)).toBe('(7FE0,0010)');
  expect(tagText(0x00080005)).toBe('(0008,0005)');
});

it('has well-formed UIDs in every table', () => {
  const uids = [
    ...Object.values(UID),
    KUVA_IMPLEMENTATION_CLASS_UID,
    ...STORAGE_SOP_CLASSES.keys(),
    ...TRANSFER_SYNTAXES.keys(),
  ];
  expect(uids.filter((uid) => !isStrictUid(uid))).toEqual([]);
});

it('knows how each transfer syntax is coded', () => {
  const traits = (uid: string): unknown => {
    const { explicit, littleEndian, deflated, encapsulated } = transferSyntax(uid)!;
    return [explicit, littleEndian, deflated, encapsulated];
  };
  expect(traits(UID.ImplicitVRLittleEndian)).toEqual([false, true, false, false]);
  expect(traits(UID.ExplicitVRLittleEndian)).toEqual([true, true, false, false]);
  expect(traits(UID.ExplicitVRBigEndian)).toEqual([true, false, false, false]);
  expect(traits(UID.DeflatedExplicitVRLittleEndian)).toEqual([true, true, true, false]);
  expect(traits(UID.EncapsulatedUncompressedExplicitVRLittleEndian)).toEqual([true, true, false, true]);
  expect(traits('1.2.840.10008.1.2.4.95')).toEqual([true, true, true, true]);
  for (const uid of ['4.50', '4.70', '4.80', '4.90', '4.100', '4.107', '4.112', '4.201', '5', '7.1', '8.1']) {
    expect(traits(`1.2.840.10008.1.2.${uid}`)).toEqual([true, true, false, true]);
  }
  expect(transferSyntax('1.2.3')).toBeUndefined();
});

it('knows the storage classes and nothing that is not stored', () => {
  expect(sopClassName(UID.CTImageStorage)).toBe('CT Image Storage');
  expect(sopClassName('1.2.3')).toBe('1.2.3');
  for (const uid of [
    UID.Verification,
    UID.StudyRootFind,
    UID.StorageCommitmentPushModel,
    UID.MediaStorageDirectoryStorage,
    '1.2.840.10008.5.1.4.38.1',
  ]) {
    expect(isStorageSopClass(uid)).toBe(false);
  }
  for (const uid of [
    '1.2.840.10008.5.1.4.1.1.66.8',
    '1.2.840.10008.5.1.4.1.1.9.100.2',
    '1.2.840.10008.5.1.4.1.1.481.25',
    '1.2.840.10008.5.1.4.34.7',
  ]) {
    expect(isStorageSopClass(uid)).toBe(true);
  }
  expect(STORAGE_SOP_CLASSES.get('1.2.840.10008.5.1.4.38.1')?.patient).toBe(false);
  expect(STORAGE_SOP_CLASSES.size).toBe(210);
});

it('keeps the keys of PS3.4 C.6 in the header', () => {
  const required = [
    'PatientID',
    'StudyInstanceUID',
    'SeriesInstanceUID',
    'SOPInstanceUID',
    'PatientName',
    'StudyDate',
    'StudyTime',
    'AccessionNumber',
    'StudyID',
    'Modality',
    'SeriesNumber',
    'InstanceNumber',
    'SOPClassUID',
  ];
  const kept = new Set([...HEADER_ATTRIBUTES.values()].map(({ keyword }) => keyword));
  expect(required.filter((keyword) => !kept.has(keyword))).toEqual([]);
});
