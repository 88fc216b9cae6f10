import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { COAST, DISTRICT } from '../../src/disclosure/test-support/scenario.ts';
import type { Instance } from '../cli/kuva.ts';
import { findscu } from '../support/dcmtk.ts';
import { NationalNode } from './national-node.ts';

// What the objects of a withheld study say of the patient: another name, birth date and sex, remarks. Two archives are asked the same, one that
// keeps such studies, received before and after the asker's own, and one that does not.

vi.setConfig({ testTimeout: 60_000, hookTimeout: 180_000 });

const ANNA = '010181-900C';
const [FIRST, SECOND] = ['2.25.502', '2.25.504'];

const theirs = (study: string): Instance => ({
  study,
  sop: `${study}.1`,
  patientId: ANNA,
  patient: { name: 'Virtanen^Aino', birthDate: '19810102', sex: 'M', comments: 'seen at the psychiatric ward' },
});
const mine: readonly Instance[] = [
  { study: FIRST, sop: `${FIRST}.1`, patientId: ANNA, patient: { name: 'Koe^Anna', birthDate: '19810101', sex: 'F' } },
  {
    study: SECOND,
    sop: `${SECOND}.1`,
    patientId: ANNA,
    patient: { name: 'Koe^Anna Maria', sex: 'F', comments: 'hears badly' },
  },
];

let keeping: NationalNode;
let fresh: NationalNode;

beforeAll(async () => {
  const start = () =>
    NationalNode.start([
      { aet: 'DISTRICT', controller: DISTRICT, kind: 'public', port: 1 },
      { aet: 'COAST', controller: COAST, kind: 'public', port: 2 },
    ]);
  [keeping, fresh] = await Promise.all([start(), start()]);
  for (const archive of [keeping, fresh])
    await archive.record({ register: 'relation', patient: ANNA, controller: COAST, from: '2024-01-01' });
  await keeping.store('DISTRICT', [theirs('2.25.501')]);
  for (const instance of mine) {
    await keeping.store('COAST', [instance]);
    await fresh.store('COAST', [instance]);
  }
  await keeping.store('DISTRICT', [theirs('2.25.505')]);
});
afterAll(async () => {
  await keeping?.[Symbol.asyncDispose]();
  await fresh?.[Symbol.asyncDispose]();
});

const TOLD = [
  'PatientName',
  'PatientBirthDate',
  'PatientSex',
  'PatientComments',
  'NumberOfPatientRelatedStudies',
  'NumberOfPatientRelatedInstances',
];

async function answers(archive: NationalNode, aet: string, level: string, ...keys: string[]): Promise<string[]> {
  const model = level === 'PATIENT' ? 'patient' : 'study';
  const told = TOLD.filter((keyword) => !keys.some((key) => key.startsWith(keyword)));
  const asked = [`QueryRetrieveLevel=${level}`, ...(level === 'STUDY' ? ['StudyInstanceUID'] : []), ...told, ...keys];
  const { matches } = await findscu(archive.node.peer(aet), model, asked);
  return matches.map((match) => JSON.stringify([...match])).toSorted();
}

describe.each(['PATIENT', 'STUDY'])('at %s level', (level) => {
  test.each([
    [`PatientID=${ANNA}`],
    ['PatientName=Koe*'],
    ['PatientName=*Maria'],
    ['PatientName=Virtanen*'],
    ['PatientSex=M'],
    ['PatientSex=F'],
    ['PatientBirthDate=19810102'],
    ['PatientBirthDate=19810101'],
  ])('by %s nothing is told of what a withheld study says', async (...keys) => {
    const asked = [...keys, ...(keys[0].startsWith('PatientID') ? [] : ['PatientID'])];
    const told = await answers(keeping, 'COAST', level, ...asked);
    expect(told).toEqual(await answers(fresh, 'COAST', level, ...asked));
    expect(told.length > 0).toBe(!/Virtanen|=M|0102/.test(keys[0]));
  });

  test('what is told is what its own objects said last', async () => {
    const told = (await answers(keeping, 'COAST', level, `PatientID=${ANNA}`)).join('\n');
    expect(told).toContain('Koe^Anna Maria');
    expect(told).toContain('hears badly');
    expect(told).toContain('19810101');
  });
});

test('with consent both are told, each study as its own house has it, and the patient once', async () => {
  await keeping.record({ register: 'informing', patient: ANNA, version: '2.0', from: '2024-01-01' });
  await keeping.record({ register: 'consent', patient: ANNA, from: '2024-01-02' });
  const studies = await answers(keeping, 'COAST', 'STUDY', `PatientID=${ANNA}`);
  expect(studies.map((study) => /Koe\^Anna Maria|Virtanen\^Aino/.exec(study)?.[0]).toSorted()).toEqual([
    'Koe^Anna Maria',
    'Koe^Anna Maria',
    'Virtanen^Aino',
    'Virtanen^Aino',
  ]);
  const patients = await answers(keeping, 'COAST', 'PATIENT', `PatientID=${ANNA}`);
  expect(patients).toHaveLength(1);
  expect(patients[0]).toContain('["0020,1200","4"]');
});
