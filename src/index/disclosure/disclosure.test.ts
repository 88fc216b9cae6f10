import { expect, test } from 'vitest';
import { openIndex } from '../test-support/database-file.ts';
import { newInstance } from '../test-support/new-instance.ts';
import type { OrganisationRow } from '../registers/register-types.ts';
import type { NewWill } from './disclosure-types.ts';

const PATIENT = '010181-900C';
const base = { patientId: PATIENT, validUntil: null, sourceId: '', recordedAt: 5000, recordedBy: 'test' };
const consent = (validFrom: number, over: object = {}): NewWill => ({
  register: 'consent',
  row: { ...base, validFrom, kind: 'luovutuslupa', givenBy: 'patient', via: 'citizen', ...over },
});
const relation = (controller: string, over: object = {}): NewWill => ({
  register: 'relation',
  row: { ...base, validFrom: 1000, controller, ...over },
});
const DISTRICT: OrganisationRow = {
  key: 'District',
  name: 'District',
  oid: '1.2.246.10.99900011',
  kind: 'public',
  controllerOid: '1.2.246.10.99900011.19.0',
  registerCode: '2',
  registerSpecifier: '',
  egressAet: '',
  systemEntity: '',
  joinedOn: '',
  attributes: {},
};
const authorisation = (patientId: string, producer: string): NewWill => ({
  register: 'authorisation',
  row: {
    ...base,
    patientId,
    validFrom: 1000,
    organiser: '1.2',
    organiserUnit: '',
    producer,
    searchController: '1.2',
    searchRegister: '2',
    searchSpecifier: '',
    storageController: '1.2',
    storageRegister: '2',
    storageSpecifier: '',
    allDocuments: false,
    materialFrom: '20200101',
    materialUntil: '',
    serviceEvents: ['1.2.14.1'],
  },
});

test('a consent that is given again follows the earlier one, and a withdrawal ends what is open; nothing is deleted', async () => {
  const index = await openIndex();
  await index.write('willPut', [consent(1000), consent(2000, { kind: 'suostumus' })]);
  const end = { validUntil: 3000, endedAt: 6000, endedBy: 'clerk' };
  expect(await index.write('willEndAll', 'consent', PATIENT, end)).toBe(1);
  expect(await index.write('willEndAll', 'consent', PATIENT, end), 'once').toBe(0);
  expect(await index.read('willList', 'consent', PATIENT, 10)).toMatchObject([
    { validFrom: 2000, validUntil: 3000, endedAt: 6000, endedBy: 'clerk' },
    { validFrom: 1000, validUntil: 2000, endedAt: 5000, endedBy: 'test' },
  ]);
});

test('a record of one source comes in once; with other content it replaces the earlier version, which counts no more', async () => {
  const index = await openIndex();
  const first = relation('1.2.3', { sourceId: 'S1' });
  expect(await index.write('willPut', [first, first])).toMatchObject([
    { kind: 'recorded', id: 1 },
    { kind: 'known', id: 1 },
  ]);
  expect(await index.write('willPut', [relation('1.2.4', { sourceId: 'S1' })])).toEqual([{ kind: 'replaced', id: 2 }]);
  expect(await index.read('willList', 'relation', null, 10)).toMatchObject([
    { controller: '1.2.4', version: 2, validUntil: null },
    { controller: '1.2.3', version: 1, validFrom: 1000, validUntil: 1000 },
  ]);
});

test('a record that has ended is not revived by the same file again; another beginning, or an earlier end, is news', async () => {
  const index = await openIndex();
  const file = [
    consent(1000, { sourceId: 'C1' }),
    consent(2000, { sourceId: 'C2' }),
    relation('1.2.3', { sourceId: 'R1' }),
  ];
  await index.write('willPut', file);
  await index.write('willEndAll', 'consent', PATIENT, { validUntil: 3000, endedAt: 6000, endedBy: 'clerk' });
  await index.write('willEnd', 'relation', 1, { validUntil: 4000, endedAt: 6000, endedBy: 'clerk' });
  expect(await index.write('willPut', file)).toEqual([
    { kind: 'known', id: 1 },
    { kind: 'known', id: 2 },
    { kind: 'known', id: 1 },
  ]);
  expect(await index.read('patientWills', [PATIENT])).toMatchObject([
    [PATIENT, { consents: [{ validUntil: 2000 }, { validUntil: 3000 }], relations: [{ validUntil: 4000 }] }],
  ]);
  const until = (validUntil: number) => relation('1.2.3', { sourceId: 'R1', validUntil });
  expect(await index.write('willPut', [until(5000), until(3500), relation('1.2.4', { sourceId: 'R1' })])).toMatchObject(
    [{ kind: 'known' }, { kind: 'replaced' }, { kind: 'replaced' }],
  );
});

test('a consent that comes late ends where the one after it begins, so that a withdrawn one is not outlived by an older', async () => {
  const index = await openIndex();
  const late = consent(1000, { sourceId: 'C1' });
  await index.write('willPut', [consent(2000, { validUntil: 3000 }), late, consent(1500, { validUntil: 1600 })]);
  expect(await index.write('willPut', [late])).toEqual([{ kind: 'known', id: 2 }]);
  expect(await index.read('willList', 'consent', PATIENT, 10)).toMatchObject([
    { validFrom: 1500, validUntil: 1600 },
    { validFrom: 1000, validUntil: 1500, endedAt: 5000, endedBy: 'test' },
    { validFrom: 2000, validUntil: 3000, endedAt: null },
  ]);
});

test('what ends before it begins counts for no moment', async () => {
  const index = await openIndex();
  await index.write('willPut', [relation('1.2.3', { validFrom: 9000 })]);
  const end = { validUntil: 3000, endedAt: 3000, endedBy: '' };
  expect(await index.write('willEnd', 'relation', 1, end)).toBe(true);
  expect(await index.write('willEnd', 'relation', 1, end)).toBe(false);
  expect(await index.write('willEnd', 'relation', 2, end)).toBe(false);
  expect(await index.read('willList', 'relation', PATIENT, 10)).toMatchObject([{ validFrom: 9000, validUntil: 9000 }]);
});

test('the registers give what concerns a patient, and what an organisation may read of a whole register', async () => {
  const index = await openIndex();
  await index.write('organisationPut', DISTRICT);
  await index.write('willPut', [
    consent(1000),
    relation('1.2.3'),
    authorisation('', DISTRICT.oid),
    authorisation('', '1.9'),
    authorisation(PATIENT, '1.7'),
  ]);
  expect(await index.read('patientWills', [PATIENT, 'OTHER'])).toMatchObject([
    [
      PATIENT,
      {
        consents: [{ kind: 'luovutuslupa' }],
        denials: [],
        relations: [{ controller: '1.2.3' }],
        authorisations: [{ patientId: PATIENT, producer: '1.7', allDocuments: false, serviceEvents: ['1.2.14.1'] }],
      },
    ],
    ['OTHER', { consents: [], relations: [], authorisations: [] }],
  ]);
  expect(await index.read('disclosureAsker', ['District', 'nobody'])).toMatchObject({
    organisations: [{ key: 'District' }],
    authorisations: [{ patientId: '', producer: DISTRICT.oid }],
  });
});

test('a study belongs to the register of its sender, until the document feed says more', async () => {
  const index = await openIndex();
  await index.write('organisationPut', DISTRICT);
  await index.addInstance(
    newInstance({ study: '1.2.3', sop: '1.2.3.1.1', organisation: 'District', attributes: { PatientID: PATIENT } }),
  );
  await index.addInstance(newInstance({ study: '1.2.4', sop: '1.2.4.1.1', attributes: { PatientID: PATIENT } }));
  const expected = {
    studyInstanceUid: '1.2.3',
    patientId: PATIENT,
    organisation: 'District',
    controller: '1.2.246.10.99900011.19.0',
    registerCode: '2',
    kind: 'public',
    serviceEvent: '',
    studyDate: '20260102',
  };
  const stranger = { studyInstanceUid: '1.2.4', organisation: null, controller: '', kind: 'unknown' };
  expect(await index.read('disclosureOfStudies', ['1.2.3', '1.9', '1.2.4'], [PATIENT])).toMatchObject({
    studies: [expected, stranger],
    wills: [],
  });
  const wills = [[PATIENT, { consents: [] }]];
  expect(await index.read('disclosureOfPatients', [{ patientId: PATIENT, issuer: '' }], false, [])).toMatchObject({
    studies: [[{ ...expected, series: 1, instances: 1 }, stranger]],
    wills,
  });
});

test('what another organisation adds to a study does not redescribe it: its date and patient decide about it', async () => {
  const index = await openIndex();
  const add = (sop: string, organisation: string, attributes: Record<string, string>) =>
    index.addInstance(newInstance({ study: '1.2.3', sop: `1.2.3.1.${sop}`, organisation, attributes }));
  const facts = async () => (await index.read('disclosureOfStudies', ['1.2.3'], 'all')).studies[0];
  await add('1', 'District', { PatientID: PATIENT });
  await add('2', 'Coast', {
    PatientID: PATIENT,
    IssuerOfPatientID: 'X',
    StudyDate: '20200101',
    AdmissionID: '1.2.14.9',
  });
  expect(await facts()).toMatchObject({ studyDate: '20260102', issuer: '', organisation: 'District' });
  const [row] = await index.listStudies({ limit: 1 });
  expect(row).toMatchObject({ numberOfInstances: 2, marks: [] });
  await add('3', 'Coast', { PatientID: '131052-308T' });
  expect((await index.listStudies({ limit: 1 }))[0]?.marks).toEqual(['PATIENT_MISMATCH']);
  await add('4', 'District', { PatientID: PATIENT, StudyDate: '20260103' });
  expect(await facts()).toMatchObject({ studyDate: '20260103' });
});
