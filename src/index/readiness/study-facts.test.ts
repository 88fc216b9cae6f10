import { expect, test } from 'vitest';
import { openWriter } from '../database.ts';
import { databaseFile, openIndex } from '../test-support/database-file.ts';
import { newInstance } from '../test-support/new-instance.ts';

const PDF = '1.2.840.10008.5.1.4.1.1.104.1';
const CT = '1.2.840.10008.5.1.4.1.1.2';

test('the facts of a study, from its objects', async () => {
  const index = await openIndex();
  const attributes = {
    PatientID: '010594Y9032',
    IssuerOfPatientID: '1.2.246.21',
    IssuerOfPatientIDQualifiersSequence: [{ UniversalEntityID: '1.2.246.21', UniversalEntityIDType: 'ISO' }],
    PatientBirthDate: '19940501',
    PatientSex: 'M',
    TimezoneOffsetFromUTC: '+0200',
    AccessionNumber: 'A1',
    IssuerOfAccessionNumberSequence: [{ LocalNamespaceEntityID: 'RIS' }],
    StudyDescription: 'ZA1AD Pää',
    ProcedureCodeSequence: [{ CodeValue: 'ZA1AD', CodingSchemeDesignator: '1.2.3', CodeMeaning: 'Pää' }],
    InstitutionName: 'Sairaala',
    ServiceEpisodeID: '1.2.246.10.2048198.14.1',
    SeriesNumber: '2',
    BodyPartExamined: 'HEAD',
  };
  await index.addInstance(newInstance({ sop: '1.2.3.1.1', attributes, organisation: 'north' }));
  await index.addInstance(newInstance({ sop: '1.2.3.1.02', attributes, callingAET: 'CT2' }));
  await index.addInstance(newInstance({ sop: '1.2.3.1.1', bytes: 'other', attributes }));
  await index.addInstance(
    newInstance({
      sop: '1.2.3.2.1',
      series: '1.2.3.2',
      sopClassUid: PDF,
      attributes: { ...attributes, Modality: 'DOC' },
    }),
  );
  expect(await index.read('studyFacts', '1.2.3')).toMatchObject({
    studyInstanceUid: '1.2.3',
    patient: {
      id: '010594Y9032',
      issuer: '1.2.246.21',
      issuerQualifier: { localId: '', universalId: '1.2.246.21', universalType: 'ISO' },
      name: 'Testihenkilö^Åke',
      birthDate: '19940501',
      sex: 'M',
    },
    studyDate: '20260102',
    timezoneOffset: 120,
    accessionNumber: 'A1',
    accessionIssuer: { localId: 'RIS' },
    studyDescription: 'ZA1AD Pää',
    procedureCodes: [{ value: 'ZA1AD', scheme: '1.2.3', version: '', meaning: 'Pää' }],
    institutionName: 'Sairaala',
    serviceEpisodeId: '1.2.246.10.2048198.14.1',
    organisation: 'north',
    senders: ['CT1', 'CT2'],
    series: [
      {
        seriesInstanceUid: '1.2.3.1',
        modality: 'CT',
        bodyPartExamined: 'HEAD',
        formats: [{ sopClassUid: CT, instances: 2 }],
      },
      { seriesInstanceUid: '1.2.3.2', modality: 'DOC', formats: [{ sopClassUid: PDF, instances: 1 }] },
    ],
    instances: 3,
    marks: [],
    conflicts: { count: 1, sopInstanceUids: ['1.2.3.1.1'] },
    oddUids: { count: 1, uids: ['1.2.3.1.02'] },
    link: null,
    documents: { request: 0, entry: 0, statement: 0 },
  });
});

test('there are none of a study that is not here', async () => {
  const index = await openIndex();
  expect(await index.read('studyFacts', '1.2.3')).toBeUndefined();
  expect(await index.read('studyFacts', 'no uid')).toBeUndefined();
});

const reject = (index: Awaited<ReturnType<typeof openIndex>>, note: string, ...sops: readonly string[]) => {
  const references = sops.map((sopInstanceUid) => ({ studyInstanceUid: '1.2.3', sopInstanceUid }));
  const object = newInstance({ sop: note, series: '1.2.3.9', sopClassUid: '1.2.840.10008.5.1.4.1.1.88.59' });
  return index.addInstance({
    ...object,
    rejects: { code: '113038', later: 'refuse', ownObjectsOnly: false, references },
  });
};
const marksOf = async (index: Awaited<ReturnType<typeof openIndex>>) =>
  (await index.read('studyFacts', '1.2.3'))?.marks;

test("a mark stands until the last object that brought it has been rejected, and comes back with the next one's", async () => {
  const index = await openIndex();
  const stranger = { PatientID: '020290-9012', Modality: 'DOC' };
  await index.addInstance(newInstance({ sop: '1.2.3.1.1' }));
  await index.addInstance(newInstance({ sop: '1.2.3.1.2', attributes: stranger }));
  await index.addInstance(newInstance({ sop: '1.2.3.1.3', attributes: { PatientID: '020290-9012' } }));
  expect(await marksOf(index)).toEqual(['PATIENT_MISMATCH', 'MODALITY_MISMATCH']);
  await reject(index, '1.2.3.9.1', '1.2.3.1.2');
  expect(await marksOf(index)).toEqual(['PATIENT_MISMATCH']);
  await reject(index, '1.2.3.9.2', '1.2.3.1.3');
  expect(await marksOf(index)).toEqual([]);
  await index.addInstance(newInstance({ sop: '1.2.3.1.4', attributes: stranger }));
  expect(await marksOf(index)).toEqual(['PATIENT_MISMATCH', 'MODALITY_MISMATCH']);
});

test('a mark stands when the object that came first was rejected: the study has its patient, and the others differ', async () => {
  const index = await openIndex();
  await index.addInstance(newInstance({ sop: '1.2.3.1.1', attributes: { PatientID: '020290-9012' } }));
  await index.addInstance(newInstance({ sop: '1.2.3.1.2' }));
  await reject(index, '1.2.3.9.1', '1.2.3.1.1');
  expect(await marksOf(index)).toEqual(['PATIENT_MISMATCH']);
});

test('a mark from before it was kept who brought it stands', async () => {
  const path = databaseFile();
  const index = await openIndex(path);
  await index.addInstance(newInstance({ sop: '1.2.3.1.1' }));
  await index.addInstance(newInstance({ sop: '1.2.3.1.2', attributes: { PatientID: '020290-9012' } }));
  const db = openWriter(path);
  db.exec('UPDATE marked_instance SET instance_id = -study_fk');
  db.close();
  await index.addInstance(newInstance({ sop: '1.2.3.1.3', attributes: { PatientID: '030390-9014' } }));
  await reject(index, '1.2.3.9.1', '1.2.3.1.2', '1.2.3.1.3');
  expect(await marksOf(index)).toEqual(['PATIENT_MISMATCH']);
});

test('what was rejected no longer counts', async () => {
  const index = await openIndex();
  await index.addInstance(newInstance({ sop: '1.2.3.1.1' }));
  await index.addInstance(newInstance({ sop: '1.2.3.2.01', series: '1.2.3.2', sopClassUid: PDF }));
  expect(await index.read('studyFacts', '1.2.3')).toMatchObject({ series: { length: 2 }, oddUids: { count: 1 } });
  const note = newInstance({ sop: '1.2.3.9.1', series: '1.2.3.9', sopClassUid: '1.2.840.10008.5.1.4.1.1.88.59' });
  const references = [{ studyInstanceUid: '1.2.3', sopInstanceUid: '1.2.3.2.01' }];
  await index.addInstance({ ...note, rejects: { code: '113001', later: 'hide', ownObjectsOnly: false, references } });
  const facts = await index.read('studyFacts', '1.2.3');
  expect(facts?.series.flatMap(({ formats }) => formats.map(({ sopClassUid }) => sopClassUid))).not.toContain(PDF);
  expect(facts?.oddUids).toEqual({ count: 0, uids: [] });
});
