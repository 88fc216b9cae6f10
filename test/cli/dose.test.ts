import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { expect, test, vi } from 'vitest';
import { encodeDataSet } from '../../src/dicom/data-set.ts';
import { encodeFileMeta } from '../../src/dicom/file-meta.ts';
import type { HeaderItem } from '../../src/dicom/header-reader.ts';
import { UID } from '../../src/dicom/uids.ts';
import { itemDataSet } from '../../src/egress/manifest/item-data-set.ts';
import { runProcess } from '../support/run-process.ts';
import { openCli } from './kuva.ts';

// Each command is a process of its own; on a busy machine they take a while.
vi.setConfig({ testTimeout: 120_000 });

const HETU = '010190-900A';
const DOSE_SR = '1.2.840.10008.5.1.4.1.1.88.67';

const code = (CodeValue: string, CodingSchemeDesignator: string, CodeMeaning: string): HeaderItem[] => [
  { CodeValue, CodingSchemeDesignator, CodeMeaning },
];

function number(name: HeaderItem[], value: string, unit: string): HeaderItem {
  return {
    RelationshipType: 'CONTAINS',
    ValueType: 'NUM',
    ConceptNameCodeSequence: name,
    MeasuredValueSequence: [{ MeasurementUnitsCodeSequence: code(unit, 'UCUM', unit), NumericValue: value }],
  };
}

/** The report of a CT (PS3.16 TID 10011) as far as totals go. */
function doseReport(study: string, sop: string, description: string, dlp: string): Buffer {
  const item: HeaderItem = {
    SOPClassUID: DOSE_SR,
    SOPInstanceUID: sop,
    StudyDate: '20261101',
    ContentDate: '20261101',
    StudyTime: '101500',
    ContentTime: '101500',
    AccessionNumber: '',
    Modality: 'SR',
    Manufacturer: '',
    ReferringPhysicianName: '',
    StudyDescription: description,
    PatientName: 'Koe^Potilas',
    PatientID: HETU,
    PatientBirthDate: '19900101',
    PatientSex: 'M',
    StudyInstanceUID: study,
    SeriesInstanceUID: `${study}.1`,
    StudyID: '',
    SeriesNumber: '1',
    InstanceNumber: '1',
    ReferencedPerformedProcedureStepSequence: [],
    PerformedProcedureCodeSequence: [],
    CompletionFlag: 'COMPLETE',
    VerificationFlag: 'UNVERIFIED',
    ValueType: 'CONTAINER',
    ConceptNameCodeSequence: code('113701', 'DCM', 'X-Ray Radiation Dose Report'),
    ContinuityOfContent: 'SEPARATE',
    ContentSequence: [
      {
        RelationshipType: 'CONTAINS',
        ValueType: 'CONTAINER',
        ConceptNameCodeSequence: code('113811', 'DCM', 'CT Accumulated Dose Data'),
        ContinuityOfContent: 'SEPARATE',
        ContentSequence: [number(code('113813', 'DCM', 'CT Dose Length Product Total'), dlp, 'mGy.cm')],
      },
    ],
  };
  const meta = encodeFileMeta({
    sopClassUid: DOSE_SR,
    sopInstanceUid: sop,
    transferSyntaxUid: UID.ExplicitVRLittleEndian,
  });
  return Buffer.concat([meta, encodeDataSet(itemDataSet(item, 'ISO_IR 100'), UID.ExplicitVRLittleEndian)]);
}

test('doses of the stored reports by examination code, and not a word of patients', async () => {
  await using cli = await openCli();
  mkdirSync(cli.file('in'));
  const reports = [
    ['1.2.1', '1.2.1.9', 'ZG1BD chest', '300'],
    ['1.2.2', '1.2.2.9', 'ZG1BD chest', '100'],
    // Two procedure steps of one study.
    ['1.2.3', '1.2.3.8', 'ZG1BD chest', '150'],
    ['1.2.3', '1.2.3.9', 'ZG1BD chest', '50'],
    ['1.2.4', '1.2.4.9', `${HETU} Koe`, '7'],
  ] as const;
  for (const [study, sop, description, dlp] of reports)
    writeFileSync(cli.file('in', `${sop}.dcm`), doseReport(study, sop, description, dlp));
  const read = await runProcess('dsrdump', [cli.file('in', '1.2.1.9.dcm')]);
  expect([read.code, read.output]).toEqual([0, expect.stringContaining('CT Dose Length Product Total')]);
  expect((await cli.run('import', cli.file('in'))).code).toBe(0);

  expect(await cli.json(0, 'dose')).toEqual([
    expect.objectContaining({ code: '', quantity: 'dlp', examinations: 1, median: 7 }),
    expect.objectContaining({ code: 'ZG1BD', examinations: 3, median: 200, thirdQuartile: 250, highest: 300 }),
  ]);
  expect(await cli.json(0, 'dose', '--to', '2026-10-31')).toEqual([]);
  expect(await cli.json(0, 'dose', '--organisation', 'another')).toEqual([]);

  const written = await cli.run('dose', '--csv', 'doses.csv');
  expect(written.output).toContain('written to');
  const csv = readFileSync(cli.file('doses.csv'), 'utf8');
  expect(csv.split('\r\n')).toEqual([
    'organisation,code,quantity,unit,examinations,median,thirdQuartile,highest',
    ',,dlp,mGy.cm,1,7,7,7',
    ',ZG1BD,dlp,mGy.cm,3,200,250,300',
    '',
  ]);
  for (const secret of [HETU, 'Koe', '1.2.1']) expect(csv + (await cli.run('dose')).output).not.toContain(secret);
  expect((await cli.run('dose', '--csv', 'doses.csv')).code).toBe(2);
});

test('the map of examination codes tells modality and region, as a table and as CSV', async () => {
  await using cli = await openCli();
  writeFileSync(
    cli.file('codes.csv'),
    'code;name;valid from;valid to\nZG1BD;"Chest, CT";2020-01-01;\nZN3AA;Limb;2020-01-01;2020-12-31\n',
  );
  expect((await cli.run('codes', 'import', 'codes.csv', '--list', '1.2.246.10.90000003.6.4')).output).not.toContain(
    'kuva:',
  );
  const day = ['--date', '2026-11-01'];
  expect((await cli.json(0, 'codes', 'map', ...day)).filter((row) => row['code'] === 'ZG1BD')).toEqual([
    expect.objectContaining({ modalities: ['CT', 'PT', 'OT'], regionPrefix: 'ZG', region: 'fictitious chest' }),
  ]);
  expect((await cli.json(0, 'codes', 'map', ...day)).map((row) => row['code'])).not.toContain('ZN3AA');
  expect((await cli.json(0, 'codes', 'map', '--date', '2020-06-01')).map((row) => row['code'])).toContain('ZN3AA');
  await cli.run('codes', 'map', '--csv', 'map.csv', ...day);
  expect(readFileSync(cli.file('map.csv'), 'utf8')).toContain(
    'ZG1BD,1.2.246.10.90000003.6.4,"Chest, CT",20200101,,CT PT OT,ZG,fictitious chest\r\n',
  );
});
