import { expect, test } from 'vitest';
import { dataSetOf, sequence, text } from '../../dicom/data-set.ts';
import type { DataSet, Element } from '../../dicom/data-set.ts';
import { vrOf } from '../../dicom/dictionary.ts';
import type { FindKey } from './find-query.ts';
import { parseFindIdentifier } from './identifier-parser.ts';
import type { FindOptions } from './identifier-parser.ts';
import { requiredTag } from './key-table.ts';

const OPTIONS: FindOptions = {
  root: 'STUDY',
  relational: false,
  combinedDateTime: false,
  fuzzy: false,
  timezone: false,
};

function element(keyword: string, value: string, charset = ''): Element {
  const tag = requiredTag(keyword);
  return text(tag, (vrOf(tag) ?? 'LO') as 'LO', value, charset);
}

function identifier(keys: Readonly<Record<string, string>>, ...more: Element[]): DataSet {
  return dataSetOf(...Object.entries(keys).map(([keyword, value]) => element(keyword, value)), ...more);
}

function keyOf(keyword: string, value: string): Omit<FindKey, 'tag'> | undefined {
  const query = parseFindIdentifier(identifier({ QueryRetrieveLevel: 'IMAGE', [keyword]: value }), '', {
    ...OPTIONS,
    relational: true,
  });
  const { tag: _tag, ...key } = query.keys[0] ?? { tag: 0, kind: 'universal' };
  return key;
}

function faultOf(
  keys: Readonly<Record<string, string>>,
  options: Partial<FindOptions> = {},
  ...more: Element[]
): unknown {
  try {
    parseFindIdentifier(identifier(keys, ...more), '', { ...OPTIONS, ...options });
    return undefined;
  } catch (error) {
    return error;
  }
}

const fault = (keyword: string): unknown =>
  expect.objectContaining({ status: 0xa900, tag: requiredTag(keyword), text: expect.stringContaining(keyword) });

test.each([
  ['PatientID', '010190-123A', { kind: 'single', value: '010190-123A' }],
  ['PatientID', ' 010190-123A  ', { kind: 'single', value: '010190-123A' }],
  ['PatientID', '0101*', { kind: 'wildcard', value: '0101*' }],
  ['PatientID', '*', { kind: 'universal' }],
  ['PatientID', '', { kind: 'universal' }],
  ['StudyInstanceUID', '1.2.3', { kind: 'single', value: '1.2.3' }],
  ['StudyInstanceUID', '1.2.3\\1.2.4', { kind: 'list', values: ['1.2.3', '1.2.4'] }],
  ['StudyInstanceUID', '*', { kind: 'universal' }],
  ['ModalitiesInStudy', 'CT\\MR', { kind: 'list', values: ['CT', 'MR'] }],
  ['StudyDate', '20260101', { kind: 'single', value: '20260101' }],
  ['StudyDate', '2026.01.01', { kind: 'single', value: '20260101' }],
  ['StudyDate', '20260101-20260131', { kind: 'range', from: '20260101', to: '20260131' }],
  ['StudyDate', '20260101-', { kind: 'range', from: '20260101', to: undefined }],
  ['StudyDate', '-20260131', { kind: 'range', from: undefined, to: '20260131' }],
  ['StudyTime', '10-1130', { kind: 'range', from: '10', to: '1130' }],
  ['StudyTime', '10:11:12', { kind: 'single', value: '101112' }],
  ['AcquisitionDateTime', '20260101-0500', { kind: 'single', value: '20260101-0500' }],
  ['AcquisitionDateTime', '20260101-20260102', { kind: 'range', from: '20260101', to: '20260102' }],
  ['AcquisitionDateTime', '20260101-0500-20260102-0500', { kind: 'range', from: '20260101-0500', to: '20260102-0500' }],
  ['AcquisitionDateTime', '-2026', { kind: 'range', from: undefined, to: '2026' }],
  ['InstanceNumber', '7', { kind: 'single', value: '7' }],
  ['StudyDescription', 'THX*?', { kind: 'wildcard', value: 'THX*?' }],
])('%s = %j', (keyword, value, expected) => {
  expect(keyOf(keyword, value)).toEqual(expected);
});

test.each([
  ['QueryRetrieveLevel', {}],
  ['QueryRetrieveLevel', { QueryRetrieveLevel: 'FILM' }],
  ['QueryRetrieveLevel', { QueryRetrieveLevel: 'PATIENT' }],
  ['StudyInstanceUID', { QueryRetrieveLevel: 'SERIES' }],
  ['StudyInstanceUID', { QueryRetrieveLevel: 'SERIES', StudyInstanceUID: '1.2\\1.3' }],
  ['SeriesInstanceUID', { QueryRetrieveLevel: 'IMAGE', StudyInstanceUID: '1.2' }],
  ['StudyInstanceUID', { QueryRetrieveLevel: 'STUDY', StudyInstanceUID: '1.2.*' }],
  ['StudyInstanceUID', { QueryRetrieveLevel: 'STUDY', StudyInstanceUID: 'abc' }],
  ['StudyDate', { QueryRetrieveLevel: 'STUDY', StudyDate: '20261301' }],
  ['StudyDate', { QueryRetrieveLevel: 'STUDY', StudyDate: '2026*' }],
  ['StudyDate', { QueryRetrieveLevel: 'STUDY', StudyDate: '-' }],
  ['StudyTime', { QueryRetrieveLevel: 'STUDY', StudyTime: '25' }],
  ['StudyDescription', { QueryRetrieveLevel: 'STUDY', StudyDescription: '*a'.repeat(17) }],
])('%s at fault in %j', (keyword, keys) => {
  expect(faultOf(keys)).toEqual(fault(keyword));
});

test('hierarchical patient root queries name the patient, relational ones need not', () => {
  const keys = { QueryRetrieveLevel: 'STUDY' };
  expect(faultOf(keys, { root: 'PATIENT' })).toEqual(fault('PatientID'));
  expect(faultOf({ ...keys, PatientID: '0101*' }, { root: 'PATIENT' })).toEqual(fault('PatientID'));
  expect(faultOf({ ...keys, PatientID: '0101' }, { root: 'PATIENT' })).toBeUndefined();
  expect(faultOf(keys, { root: 'PATIENT', relational: true })).toBeUndefined();
});

test('a timezone counts only when it was negotiated, and must be one', () => {
  const keys = { QueryRetrieveLevel: 'STUDY', TimezoneOffsetFromUTC: '+0200' };
  const parse = (timezone: boolean): number | null =>
    parseFindIdentifier(identifier(keys), '', { ...OPTIONS, timezone }).timezoneOffset;
  expect([parse(true), parse(false)]).toEqual([120, null]);
  expect(faultOf({ ...keys, TimezoneOffsetFromUTC: 'EET' }, { timezone: true })).toEqual(
    fault('TimezoneOffsetFromUTC'),
  );
});

test('what is not supported is told apart: for matching, for existence, and below the level', () => {
  const keys = {
    QueryRetrieveLevel: 'STUDY',
    PatientComments: 'frail',
    Modality: 'CT',
    StudyStatusID: '',
    PatientAge: '',
  };
  const query = parseFindIdentifier(identifier(keys), '', OPTIONS);
  expect(new Set(query.unsupportedKeys)).toEqual(
    new Set(['PatientComments', 'Modality', 'StudyStatusID'].map(requiredTag)),
  );
  expect(new Set(query.returnKeys)).toEqual(new Set(['PatientComments', 'PatientAge'].map(requiredTag)));
});

test('sequence keys: one item, its keys checked, none is universal', () => {
  const withCode = (...items: DataSet[]): Element => sequence(requiredTag('ProcedureCodeSequence'), items);
  const level = { QueryRetrieveLevel: 'STUDY' };
  const parse = (element: Element): readonly FindKey[] =>
    parseFindIdentifier(identifier(level, element), '', OPTIONS).keys;
  expect(parse(withCode(identifier({ CodeValue: 'AA1*', CodeMeaning: '' })))).toEqual([
    {
      tag: requiredTag('ProcedureCodeSequence'),
      kind: 'sequence',
      keys: [{ tag: requiredTag('CodeValue'), kind: 'wildcard', value: 'AA1*' }],
    },
  ]);
  expect(parse(withCode(identifier({ CodeValue: '' })))).toEqual([]);
  expect(parse(withCode())).toEqual([]);
  expect(faultOf(level, {}, withCode(identifier({ CodeValue: 'A' }), identifier({ CodeValue: 'B' })))).toEqual(
    fault('ProcedureCodeSequence'),
  );
  expect(faultOf(level, {}, text(requiredTag('ProcedureCodeSequence'), 'LO', 'AA1AD', ''))).toEqual(
    fault('ProcedureCodeSequence'),
  );
});

test('text is read in the character set of the identifier', () => {
  const bytes = Buffer.from('M\xe4\xe4tt\xe4*', 'latin1');
  const ds = identifier({ QueryRetrieveLevel: 'STUDY' }, { tag: requiredTag('PatientName'), vr: 'PN', bytes });
  expect(parseFindIdentifier(ds, 'ISO_IR 100', OPTIONS).keys).toEqual([
    { tag: requiredTag('PatientName'), kind: 'wildcard', value: 'Määttä*' },
  ]);
});
