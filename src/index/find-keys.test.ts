import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { HeaderItem } from '../dicom/header-reader.ts';
import { IndexService } from './index-service.ts';
import { findQuery } from './matching/find-query.ts';
import type { FindKey, FindQuery, FindRow } from './matching/find-query.ts';
import { requiredTag } from './matching/key-table.ts';
import { allOf } from './test-support/database-file.ts';
import { newInstance } from './test-support/new-instance.ts';

const single = (keyword: string, value: string): FindKey => ({ tag: requiredTag(keyword), kind: 'single', value });
const wildcard = (keyword: string, value: string): FindKey => ({ tag: requiredTag(keyword), kind: 'wildcard', value });

function query(level: FindQuery['level'], keys: readonly FindKey[], returned: readonly string[]): FindQuery {
  return findQuery({ root: 'PATIENT', level, keys, returnKeys: returned.map(requiredTag) });
}

async function values(keyword: string, asked: FindQuery): Promise<unknown[]> {
  return (await allOf(index.find(asked))).map((row) => row[requiredTag(keyword)]);
}

const ECG: HeaderItem = {
  PatientID: 'E1',
  IssuerOfPatientID: '1.2.246.21',
  IssuerOfPatientIDQualifiersSequence: [{ UniversalEntityID: '1.2.246.21', UniversalEntityIDType: 'ISO' }],
  OtherPatientIDsSequence: [{ PatientID: 'LOCAL7', IssuerOfPatientID: 'HUS', TypeOfPatientID: 'TEXT' }],
  AccessionNumber: 'ACC1',
  IssuerOfAccessionNumberSequence: [
    { LocalNamespaceEntityID: 'RIS', UniversalEntityID: '1.2.3', UniversalEntityIDType: 'ISO' },
  ],
  AdmissionID: 'ADM1',
  IssuerOfAdmissionIDSequence: [{ LocalNamespaceEntityID: 'HIS' }],
  ProcedureCodeSequence: [{ CodeValue: 'FPA10', CodingSchemeDesignator: '1.2.246.537.6.4', CodeMeaning: 'EKG' }],
  RequestAttributesSequence: [
    { RequestedProcedureID: 'RP1', ScheduledProcedureStepID: 'SPS1', StudyInstanceUID: '1.9.9' },
  ],
  PerformingPhysicianName: 'Hoitaja^Eka\\Hoitaja^Toka',
  OperatorsName: 'Op^A\\Op^B',
  InstitutionName: 'HUS Meilahti',
  StationName: 'ECG7',
  SeriesNumber: '3',
  SeriesDescription: 'Lepo-EKG',
  Modality: 'ECG',
  BodyPartExamined: 'HEART',
  InstanceNumber: '12',
  NumberOfFrames: '1',
  AcquisitionDateTime: '20260102101112.5+0200',
  ContentDate: '20260102',
  ContentTime: '101112',
  PatientAge: '045Y',
  TimezoneOffsetFromUTC: '+0200',
  ConceptNameCodeSequence: [{ CodeValue: '18745-0', CodingSchemeDesignator: 'LN', CodeMeaning: 'Cardiac report' }],
};

let directory: string;
let index: IndexService;

beforeAll(async () => {
  directory = mkdtempSync(join(tmpdir(), 'kuva-find-'));
  index = await IndexService.open({ path: join(directory, 'kuva.sqlite'), readers: 1 });
  await index.addInstance(
    newInstance({
      study: '1.1',
      series: '1.1.1',
      sop: '1.1.1.1',
      sopClassUid: '1.2.840.10008.5.1.4.1.1.9.1.1',
      attributes: ECG,
    }),
  );
  await index.addInstance(
    newInstance({
      study: '1.1',
      series: '1.1.2',
      sop: '1.1.2.1',
      sopClassUid: '1.2.840.10008.5.1.4.1.1.104.1',
      attributes: { PatientID: 'E1', IssuerOfPatientID: '1.2.246.21', Modality: 'DOC' },
    }),
  );
  await index.addInstance(newInstance({ study: '1.2', sop: '1.2.1.1' }));
});

afterAll(async () => {
  await index.close();
  rmSync(directory, { recursive: true });
});

test('returns what the study, its patient and its kept counts say', async () => {
  const returned = [
    'PatientID',
    'IssuerOfPatientID',
    'IssuerOfPatientIDQualifiersSequence',
    'OtherPatientIDsSequence',
    'AccessionNumber',
    'IssuerOfAccessionNumberSequence',
    'AdmissionID',
    'IssuerOfAdmissionIDSequence',
    'ProcedureCodeSequence',
    'InstitutionName',
    'ModalitiesInStudy',
    'SOPClassesInStudy',
    'NumberOfPatientRelatedStudies',
    'NumberOfPatientRelatedSeries',
    'NumberOfPatientRelatedInstances',
    'NumberOfStudyRelatedSeries',
    'NumberOfStudyRelatedInstances',
    'InstanceAvailability',
    'TimezoneOffsetFromUTC',
    'PatientAge',
    'PatientComments',
    'ReferringPhysicianName',
  ];
  const [row] = await allOf(index.find(query('STUDY', [single('StudyInstanceUID', '1.1')], returned)));
  const named = Object.fromEntries(returned.map((keyword) => [keyword, row?.[requiredTag(keyword)]]));
  const item = (entries: Record<string, string>): FindRow =>
    Object.fromEntries(Object.entries(entries).map(([keyword, value]) => [requiredTag(keyword), value]));
  expect(named).toEqual({
    PatientID: 'E1',
    IssuerOfPatientID: '1.2.246.21',
    IssuerOfPatientIDQualifiersSequence: [item({ UniversalEntityID: '1.2.246.21', UniversalEntityIDType: 'ISO' })],
    OtherPatientIDsSequence: [item({ PatientID: 'LOCAL7', IssuerOfPatientID: 'HUS', TypeOfPatientID: 'TEXT' })],
    AccessionNumber: 'ACC1',
    IssuerOfAccessionNumberSequence: [
      item({ LocalNamespaceEntityID: 'RIS', UniversalEntityID: '1.2.3', UniversalEntityIDType: 'ISO' }),
    ],
    AdmissionID: 'ADM1',
    IssuerOfAdmissionIDSequence: [item({ LocalNamespaceEntityID: 'HIS' })],
    ProcedureCodeSequence: [
      item({ CodeValue: 'FPA10', CodingSchemeDesignator: '1.2.246.537.6.4', CodeMeaning: 'EKG' }),
    ],
    InstitutionName: 'HUS Meilahti',
    ModalitiesInStudy: 'DOC\\ECG',
    SOPClassesInStudy: '1.2.840.10008.5.1.4.1.1.9.1.1\\1.2.840.10008.5.1.4.1.1.104.1',
    NumberOfPatientRelatedStudies: '1',
    NumberOfPatientRelatedSeries: '2',
    NumberOfPatientRelatedInstances: '2',
    NumberOfStudyRelatedSeries: '2',
    NumberOfStudyRelatedInstances: '2',
    InstanceAvailability: 'ONLINE',
    TimezoneOffsetFromUTC: '+0200',
    PatientAge: '045Y',
    PatientComments: '',
    ReferringPhysicianName: '',
  });
});

test.each<[string, FindQuery['level'], FindKey, string[]]>([
  [
    'other patient id',
    'PATIENT',
    { tag: requiredTag('OtherPatientIDsSequence'), kind: 'sequence', keys: [single('PatientID', 'LOCAL7')] },
    ['E1'],
  ],
  [
    'other patient id of another issuer',
    'PATIENT',
    {
      tag: requiredTag('OtherPatientIDsSequence'),
      kind: 'sequence',
      keys: [single('PatientID', 'LOCAL7'), single('IssuerOfPatientID', 'TYKS')],
    },
    [],
  ],
  [
    'issuer of accession number',
    'STUDY',
    {
      tag: requiredTag('IssuerOfAccessionNumberSequence'),
      kind: 'sequence',
      keys: [single('LocalNamespaceEntityID', 'RIS')],
    },
    ['E1'],
  ],
  ['SOP class in study', 'STUDY', single('SOPClassesInStudy', '1.2.840.10008.5.1.4.1.1.9.1.1'), ['E1']],
  ['modality', 'SERIES', single('Modality', 'ECG'), ['E1']],
  ['series number as a number', 'SERIES', single('SeriesNumber', '03'), ['E1']],
  ['second performer, folded', 'SERIES', wildcard('PerformingPhysicianName', 'HOITAJA^t*'), ['E1']],
  ['performers are not one text', 'SERIES', wildcard('PerformingPhysicianName', 'hoitaja^eka*toka'), []],
  ['station', 'SERIES', wildcard('StationName', 'ECG?'), ['E1']],
  ['case counts outside names', 'SERIES', wildcard('StationName', 'ecg?'), []],
  [
    'request',
    'SERIES',
    {
      tag: requiredTag('RequestAttributesSequence'),
      kind: 'sequence',
      keys: [single('RequestedProcedureID', 'RP1'), single('StudyInstanceUID', '1.9.9')],
    },
    ['E1'],
  ],
  ['instance number', 'IMAGE', single('InstanceNumber', '12'), ['E1']],
  ['SOP class', 'IMAGE', single('SOPClassUID', '1.2.840.10008.5.1.4.1.1.9.1.1'), ['E1']],
  [
    'concept name',
    'IMAGE',
    { tag: requiredTag('ConceptNameCodeSequence'), kind: 'sequence', keys: [single('CodeValue', '18745-0')] },
    ['E1'],
  ],
  ['content time', 'IMAGE', { tag: requiredTag('ContentTime'), kind: 'range', from: '1011', to: '1011' }, ['E1']],
  ['date-time, local', 'IMAGE', single('AcquisitionDateTime', '2026010210'), ['E1']],
  [
    'date-time, another offset',
    'IMAGE',
    { tag: requiredTag('AcquisitionDateTime'), kind: 'range', from: '202601020811+0000', to: '202601020811+0000' },
    ['E1'],
  ],
  [
    'date-time, wrong offset',
    'IMAGE',
    { tag: requiredTag('AcquisitionDateTime'), kind: 'range', from: '202601021011+0000', to: '202601021011+0000' },
    [],
  ],
])('finds by %s at %s level', async (_what, level, key, expected) => {
  expect(await values('PatientID', query(level, [key, single('PatientID', 'E1')], ['PatientID']))).toEqual(expected);
});
