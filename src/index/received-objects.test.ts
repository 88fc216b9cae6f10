import { createHash } from 'node:crypto';
import { expect, test } from 'vitest';
import type { HeaderItem } from '../dicom/header-reader.ts';
import type { IndexService } from './index-service.ts';
import { findQuery } from './matching/find-query.ts';
import type { FindRow } from './matching/find-query.ts';
import { requiredTag } from './matching/key-table.ts';
import { allOf, openIndex } from './test-support/database-file.ts';
import { newInstance } from './test-support/new-instance.ts';

const sha256 = (text: string): string => createHash('sha256').update(text).digest('hex');

async function patients(index: IndexService): Promise<FindRow[]> {
  const returnKeys = [
    'PatientID',
    'IssuerOfPatientID',
    'PatientName',
    'PatientSex',
    'NumberOfPatientRelatedStudies',
  ].map(requiredTag);
  return allOf(index.find(findQuery({ root: 'PATIENT', level: 'PATIENT', keys: [], returnKeys })));
}

const valueOf = (row: FindRow | undefined, keyword: string): unknown => row?.[requiredTag(keyword)];

function ofPatient(sop: string, study: string, attributes: HeaderItem): ReturnType<typeof newInstance> {
  return newInstance({ study, sop, attributes });
}

test('the same object again is one row, and the event is counted', async () => {
  const index = await openIndex();
  await index.addInstance(newInstance({ sop: '1.2.3.1.1' }));
  expect(await index.addInstance(newInstance({ sop: '1.2.3.1.1', callingAET: 'CT2' }))).toEqual({
    kind: 'duplicate',
    instanceId: 1,
  });
  expect(await index.totals()).toMatchObject({ instances: 1, duplicates: 1, conflicts: 0, bytes: 1000 });
});

test('other bytes under the same UID are kept and listed, the first are served', async () => {
  const index = await openIndex();
  await index.addInstance(newInstance({ sop: '1.2.3.1.1', bytes: 'first' }));
  const other = newInstance({
    study: '1.2.4',
    sop: '1.2.3.1.1',
    bytes: 'second',
    callingAET: 'CT2',
    organisation: 'B',
  });
  expect(await index.addInstance(other)).toEqual({ kind: 'conflict', instanceId: 2 });
  expect(await index.addInstance(other)).toEqual({ kind: 'conflict', instanceId: 2 });
  const [served, ...more] = await allOf(index.selectInstances({ level: 'IMAGE', sopUids: ['1.2.3.1.1'] }));
  expect(more).toEqual([]);
  expect(served?.sha256).toBe(sha256('first'));
  expect(await index.listConflicts(10)).toEqual([
    {
      conflictId: 2,
      sopInstanceUid: '1.2.3.1.1',
      studyInstanceUid: '1.2.4',
      seriesInstanceUid: '1.2.4.1',
      sha256: sha256('second'),
      size: 1000,
      receivedAt: other.receivedAt,
      callingAET: 'CT2',
      organisation: 'B',
      duplicates: 1,
      served: { instanceId: 1, sha256: sha256('first'), receivedAt: other.receivedAt, callingAET: 'CT1' },
    },
  ]);
  expect([...(await index.indexedObjects([sha256('first'), sha256('second'), sha256('third')]))]).toEqual([
    sha256('first'),
    sha256('second'),
  ]);
  expect((await index.suspects()).map((suspect) => suspect.instanceId)).toEqual([1, 2]);
});

test('when the served bytes are lost, those kept as a conflict can take their place', async () => {
  const index = await openIndex();
  await index.addInstance(newInstance({ sop: '1.2.3.1.1', bytes: 'first' }));
  await index.addInstance(newInstance({ sop: '1.2.3.1.1', bytes: 'second' }));
  expect(await index.unservedConflicts()).toEqual([]);
  expect(await index.dropInstance(1)).toEqual({ dropped: true, orphans: [{ sha256: sha256('second'), size: 1000 }] });
  expect(await index.unservedConflicts()).toMatchObject([{ sha256: sha256('second'), size: 1000, served: undefined }]);
  expect(await index.addInstance(newInstance({ sop: '1.2.3.1.1', bytes: 'second' }))).toMatchObject({ kind: 'new' });
  expect(await index.listConflicts(10)).toEqual([]);
});

test('a dropped instance takes with it what existed only because of it', async () => {
  const index = await openIndex();
  await index.addInstance(newInstance({ sop: '1.2.3.1.1' }));
  await index.dropInstance(1);
  expect(await index.totals()).toEqual({
    patients: 0,
    studies: 0,
    series: 0,
    instances: 0,
    bytes: 0,
    duplicates: 0,
    conflicts: 0,
  });
  expect(await index.stats()).toEqual([]);
  expect(await index.dropInstance(1)).toEqual({ dropped: false, orphans: [] });
});

test('patients without an id never become one patient, and their studies are marked', async () => {
  const index = await openIndex();
  for (const study of ['1.1', '1.2'])
    await index.addInstance(ofPatient(`${study}.1.1`, study, { PatientID: '', PatientName: 'Okänd' }));
  expect(await patients(index)).toHaveLength(2);
  expect((await index.showStudy('1.1'))?.marks).toEqual(['PATIENT_ID_MISSING']);
});

test('a study without a Patient ID takes the first patient that it is given', async () => {
  const index = await openIndex();
  await index.addInstance(ofPatient('1.1.1.1', '1.1', { PatientID: '', PatientName: 'Okänd' }));
  await index.addInstance(ofPatient('1.1.1.2', '1.1', { PatientID: '010190-123A', PatientName: 'Virtanen^Anna' }));
  const [only, ...more] = await patients(index);
  expect(more).toEqual([]);
  expect(valueOf(only, 'PatientName')).toBe('Virtanen^Anna');
  expect(await index.showStudy('1.1')).toMatchObject({
    patientId: '010190-123A',
    numberOfInstances: 2,
    marks: ['PATIENT_ID_MISSING'],
  });
});

test('a study keeps its first patient and is marked when its objects name another', async () => {
  const index = await openIndex();
  await index.addInstance(ofPatient('1.1.1.1', '1.1', { PatientID: '010190-123A' }));
  await index.addInstance(ofPatient('1.1.1.2', '1.1', { PatientID: '010190Y123A', PatientName: 'Annan^Person' }));
  expect(await index.showStudy('1.1')).toMatchObject({
    patientId: '010190-123A',
    patientName: 'Testihenkilö^Åke',
    numberOfInstances: 2,
    marks: ['PATIENT_MISMATCH'],
  });
  expect(await patients(index)).toHaveLength(1);
});

test('one id from two issuers is two patients; an issuer that comes later is taken', async () => {
  const index = await openIndex();
  await index.addInstance(ofPatient('1.1.1.1', '1.1', { PatientID: 'X', IssuerOfPatientID: '1.2.246.21' }));
  await index.addInstance(ofPatient('1.2.1.1', '1.2', { PatientID: 'X', IssuerOfPatientID: '1.2.246.10.1' }));
  await index.addInstance(ofPatient('1.3.1.1', '1.3', { PatientID: 'X' }));
  expect(new Set((await patients(index)).map((row) => valueOf(row, 'IssuerOfPatientID')))).toEqual(
    new Set(['', '1.2.246.10.1', '1.2.246.21']),
  );
  await index.addInstance(
    ofPatient('1.3.1.2', '1.3', {
      PatientID: 'X',
      IssuerOfPatientIDQualifiersSequence: [{ UniversalEntityID: '1.2.246.21', UniversalEntityIDType: 'ISO' }],
    }),
  );
  const after = await patients(index);
  const studiesByIssuer = new Map(
    after.map((row) => [valueOf(row, 'IssuerOfPatientID'), valueOf(row, 'NumberOfPatientRelatedStudies')]),
  );
  expect(studiesByIssuer).toEqual(
    new Map([
      ['1.2.246.10.1', '1'],
      ['1.2.246.21', '2'],
    ]),
  );
});

test('attributes are the latest that were not empty', async () => {
  const index = await openIndex();
  await index.addInstance(
    ofPatient('1.1.1.1', '1.1', { PatientName: 'Gammal^Namn', PatientSex: 'F', StudyDescription: 'AA1AD' }),
  );
  await index.addInstance(
    ofPatient('1.1.1.2', '1.1', { PatientName: 'Ny^Namn', PatientSex: '', StudyDescription: '' }),
  );
  const [patient] = await patients(index);
  expect([valueOf(patient, 'PatientName'), valueOf(patient, 'PatientSex')]).toEqual(['Ny^Namn', 'F']);
  expect(await index.showStudy('1.1')).toMatchObject({ studyDescription: 'AA1AD' });
});

test('a series UID under two studies is found under both, and both are marked', async () => {
  const index = await openIndex();
  await index.addInstance(newInstance({ study: '1.1', series: '1.9', sop: '1.1.1' }));
  await index.addInstance(newInstance({ study: '1.2', series: '1.9', sop: '1.2.1' }));
  for (const study of ['1.1', '1.2']) {
    expect(await index.showStudy(study)).toMatchObject({
      numberOfSeries: 1,
      numberOfInstances: 1,
      marks: ['SERIES_IN_SEVERAL_STUDIES'],
    });
  }
  expect(await allOf(index.selectInstances({ level: 'SERIES', seriesUids: ['1.9'] }))).toHaveLength(2);
  expect(await allOf(index.selectInstances({ level: 'SERIES', studyUids: ['1.2'], seriesUids: ['1.9'] }))).toHaveLength(
    1,
  );
});

test('two modalities in one series are both in the study, which is marked', async () => {
  const index = await openIndex();
  await index.addInstance(newInstance({ sop: '1.1', attributes: { Modality: 'ECG' } }));
  await index.addInstance(newInstance({ sop: '1.2', attributes: { Modality: 'DOC' } }));
  expect(await index.showStudy('1.2.3')).toMatchObject({
    modalities: ['DOC', 'ECG'],
    marks: ['MODALITY_MISMATCH'],
    series: [{ modality: 'ECG' }],
  });
});

test('counts are kept by organisation, modality and month', async () => {
  const index = await openIndex();
  const add = (sop: string, organisation: string | null, month: number, modality: string): Promise<unknown> =>
    index.addInstance(
      newInstance({
        study: `1.${sop}`,
        sop: `1.${sop}.1`,
        organisation,
        receivedAt: Date.UTC(2026, month - 1, 1),
        attributes: { Modality: modality },
      }),
    );
  await Promise.all([
    add('1', 'HUS', 1, 'CT'),
    add('2', 'HUS', 1, 'CT'),
    add('3', null, 1, 'CT'),
    add('4', 'HUS', 2, 'ECG'),
  ]);
  expect(await index.stats()).toEqual([
    { organisation: null, modality: 'CT', month: '2026-01', studies: 1, series: 1, instances: 1, bytes: 1000 },
    { organisation: 'HUS', modality: 'CT', month: '2026-01', studies: 2, series: 2, instances: 2, bytes: 2000 },
    { organisation: 'HUS', modality: 'ECG', month: '2026-02', studies: 1, series: 1, instances: 1, bytes: 1000 },
  ]);
});

test('adds that come at once to one study give one study', async () => {
  const index = await openIndex();
  const results = await Promise.all(
    Array.from({ length: 400 }, (_, at) =>
      index.addInstance(newInstance({ series: `1.2.3.${at % 4}`, sop: `1.2.3.${at % 4}.${at}` })),
    ),
  );
  expect(new Set(results.map((result) => result.instanceId)).size).toBe(400);
  expect(await index.showStudy('1.2.3')).toMatchObject({ numberOfSeries: 4, numberOfInstances: 400 });
  expect(await index.totals()).toMatchObject({ patients: 1, studies: 1, series: 4, instances: 400 });
});

test('clearing the index leaves the registers', async () => {
  const index = await openIndex();
  await index.addInstance(newInstance({ sop: '1.2.3.1.1' }));
  const ae = {
    aet: 'CT1',
    host: '10.0.0.7',
    port: 104,
    tls: false,
    organisation: 'HUS',
    addresses: ['10.0.0.0/24'],
    calledAETs: ['KUVA'],
    services: ['echo', 'store'] as const,
    maxSubAssociations: 2,
    qualityControl: true,
    description: '',
    certificates: [],
  };
  await index.aePut(ae);
  await index.clearIndex();
  expect(await index.totals()).toMatchObject({ patients: 0, instances: 0 });
  expect(await index.aeByTitle('CT1')).toEqual(ae);
  expect(await index.addInstance(newInstance({ sop: '1.2.3.1.1' }))).toEqual({ kind: 'new', instanceId: 2 });
});

test('what another organisation adds to a series does not describe it, and what it begins its owner may', async () => {
  const index = await openIndex();
  const add = (organisation: string, sop: string, series: string, description: string) =>
    index.addInstance(
      newInstance({
        organisation,
        sop,
        series,
        attributes: { SeriesDescription: description, SeriesInstanceUID: series, PerformingPhysicianName: description },
      }),
    );
  const described = async (series: string) => {
    const returnKeys = ['SeriesInstanceUID', 'SeriesDescription', 'PerformingPhysicianName'].map(requiredTag);
    const rows = await allOf(index.find(findQuery({ root: 'STUDY', level: 'SERIES', keys: [], returnKeys })));
    const row = rows.find((one) => valueOf(one, 'SeriesInstanceUID') === series);
    return [valueOf(row, 'SeriesDescription'), valueOf(row, 'PerformingPhysicianName')];
  };
  await add('north', '1.2.3.1.1', '1.2.3.1', 'north');
  await add('south', '1.2.3.1.2', '1.2.3.1', 'south');
  await add('south', '1.2.3.2.1', '1.2.3.2', 'south');
  expect(await described('1.2.3.1')).toEqual(['north', 'north']);
  expect(await described('1.2.3.2')).toEqual(['south', 'south']);
  await add('north', '1.2.3.2.2', '1.2.3.2', 'north');
  expect(await described('1.2.3.2')).toEqual(['north', 'north']);
});
