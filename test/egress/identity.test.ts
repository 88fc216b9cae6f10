import { expect, test } from 'vitest';
import type { PatientIdentity } from '../../src/dicom/patient-identity.ts';
import { readCustody } from '../../src/egress/proof/read-custody.ts';
import { forwarding } from '../support/forwarding.ts';

const STUDY = '2.25.900';
const AINO: PatientIdentity = {
  patientId: '010190-998V',
  issuer: '1.2.246.21',
  name: 'Demo^Aino',
  birthDate: '19900101',
  sex: 'F',
};
const object = (n: number) => ({ study: STUDY, series: `${STUDY}.1`, sop: `${STUDY}.1.${n}` });

type Forwarding = Awaited<ReturnType<typeof forwarding>>;

const move = (f: Forwarding, identity: PatientIdentity = AINO) =>
  f.index.changeIdentity({
    kind: 'move',
    studyInstanceUid: STUDY,
    identity,
    reason: 'wrong',
    actor: 'cli:test',
    at: f.now(),
  });

/** Whom the archive takes each of its objects to be of, the manifest among them. */
const archived = (f: Forwarding): string[] =>
  [...f.archive.objects.visible()]
    .map(({ attributes }) => `${attributes['Modality'] as string} ${attributes['PatientID'] as string}`)
    .toSorted();

test('what waits goes out as the patient’s that it was given, and the proof says so', async () => {
  const f = await forwarding();
  await f.receive(object(1));
  await f.receive(object(2));
  await f.queueAll();
  await move(f);
  await f.queueAll();
  await f.run(STUDY);
  expect(await f.run(STUDY)).toMatchObject({ state: 'ARCHIVED', version: 1 });
  expect(archived(f)).toEqual(['CT 010190-998V', 'CT 010190-998V', 'KO 010190-998V']);
  const custody = await readCustody(f.index, STUDY);
  expect(custody?.instances.map(({ forwards }) => forwards.map(({ sentAs }) => sentAs?.patientId))).toEqual([
    [AINO.patientId],
    [AINO.patientId],
  ]);
});

test('what an archive has goes once more, with a manifest of its own', async () => {
  const f = await forwarding();
  await f.receive(object(1));
  await f.queueAll();
  await f.run(STUDY);
  await f.run(STUDY);
  expect(archived(f)).toEqual(['CT 010190-900A', 'KO 010190-900A']);
  expect((await move(f)).studies).toMatchObject([{ isSentAsOther: true }]);
  expect((await f.index.read('studyFacts', STUDY))?.isSentAsOther).toBe(true);
  await f.index.write('rebuiltConfirm', STUDY);
  await f.queueAll();
  await f.run(STUDY);
  expect(await f.run(STUDY)).toMatchObject({ state: 'ARCHIVED', version: 2 });
  expect(archived(f)).toEqual(['CT 010190-998V', 'KO 010190-900A', 'KO 010190-998V']);
  const [instance] = (await readCustody(f.index, STUDY))!.instances;
  expect(instance!.forwards.map(({ sentAs }) => sentAs?.patientId ?? 'as received')).toEqual([
    'as received',
    AINO.patientId,
  ]);
});

test('a name that the objects cannot write holds the study with the reason', async () => {
  const f = await forwarding();
  await f.receive(object(1));
  await f.queueAll();
  const { changeId } = await move(f, { ...AINO, name: '山田^太郎' });
  await f.queueAll();
  expect(await f.run(STUDY)).toMatchObject({ state: 'HELD', lastCode: 'IDENTITY_NOT_WRITTEN' });
  expect(f.archive.objects.size).toBe(0);
  await f.index.undoIdentity(changeId, 'cli:test', f.now());
  await f.run(STUDY);
  expect(await f.run(STUDY)).toMatchObject({ state: 'ARCHIVED' });
  expect(archived(f)).toEqual(['CT 010190-900A', 'KO 010190-900A']);
});
