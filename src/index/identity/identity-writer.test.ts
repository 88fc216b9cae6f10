import { describe, expect, test } from 'vitest';
import type { PatientIdentity } from '../../dicom/patient-identity.ts';
import type { IndexService } from '../index-service.ts';
import { allOf, databaseFile, openIndex } from '../test-support/database-file.ts';
import { newInstance } from '../test-support/new-instance.ts';
import type { InstanceWishes } from '../test-support/new-instance.ts';
import { openQueuedIndex } from '../test-support/queue-fixture.ts';
import { wrongCounts } from '../test-support/recount.ts';

const AT = Date.UTC(2026, 10, 27);
const AINO: PatientIdentity = {
  patientId: '010190-998V',
  issuer: '1.2.246.21',
  name: 'Demo^Aino',
  birthDate: '19900101',
  sex: 'F',
};
const SAID = { identity: AINO, reason: 'identified', actor: 'cli:test', at: AT } as const;
const move = (studyInstanceUid: string) => ({ ...SAID, kind: 'move', studyInstanceUid }) as const;
const merge = (patientId: string, issuer: string | null = null) =>
  ({ ...SAID, kind: 'merge', patientId, issuer }) as const;

function of(patientId: string, wishes: Partial<InstanceWishes> & { sop: string }) {
  const attributes = { PatientID: patientId, PatientName: `Of^${patientId}`, ...wishes.attributes };
  return newInstance({ ...wishes, attributes });
}

type Reading = Pick<IndexService, 'listStudies'>;

async function patientsOf(index: Reading): Promise<Record<string, string>> {
  const studies = await index.listStudies({ limit: 100 });
  return Object.fromEntries(
    studies.map((study) => [study.studyInstanceUid, `${study.patientId} ${study.patientName}`]),
  );
}

async function toldOf(index: IndexService, study: string): Promise<(string | undefined)[]> {
  const refs = await allOf(index.selectInstances({ level: 'STUDY', studyUids: [study] }));
  return refs.map(({ corrected }) => corrected?.patientId);
}

describe('one study', () => {
  test('is the other patient’s, with what comes later, and again its own after it was taken back', async () => {
    const index = await openIndex();
    await index.addInstance(of('WRONG', { study: '1.2.1', sop: '1.2.1.1.1' }));
    await index.addInstance(of('WRONG', { study: '1.2.2', sop: '1.2.2.1.1' }));
    const { changeId, studies } = await index.changeIdentity(move('1.2.1'));
    expect(studies).toEqual([
      {
        studyInstanceUid: '1.2.1',
        organisation: null,
        before: { patientId: 'WRONG', issuer: '' },
        after: { patientId: AINO.patientId, issuer: AINO.issuer },
        isSentAsOther: false,
      },
    ]);
    expect(await index.read('documentOutbox', 10)).toEqual(['1.2.1']);
    await index.addInstance(of('WRONG', { study: '1.2.1', sop: '1.2.1.1.2' }));
    expect(await patientsOf(index)).toEqual({ '1.2.1': '010190-998V Demo^Aino', '1.2.2': 'WRONG Of^WRONG' });
    expect(await toldOf(index, '1.2.1')).toEqual([AINO.patientId, AINO.patientId]);
    expect(await toldOf(index, '1.2.2')).toEqual([undefined]);
    await index.undoIdentity(changeId, 'cli:test', AT + 1);
    expect(await patientsOf(index)).toEqual({ '1.2.1': 'WRONG Of^WRONG', '1.2.2': 'WRONG Of^WRONG' });
    expect(await toldOf(index, '1.2.1')).toEqual([undefined, undefined]);
    expect(await index.read('identityChanges', { limit: 10, beforeId: 99 })).toMatchObject([
      { id: changeId, kind: 'move', fromPatientId: 'WRONG', undoneBy: 'cli:test', studyInstanceUids: ['1.2.1'] },
    ]);
  });

  test('stays corrected when the index is built anew from the files', async () => {
    const index = await openIndex();
    const objects = [
      of('WRONG', { study: '1.2.1', sop: '1.2.1.1.1' }),
      of('WRONG', { study: '1.2.2', sop: '1.2.2.1.1' }),
    ];
    for (const object of objects) await index.addInstance(object);
    await index.changeIdentity(move('1.2.1'));
    await index.clearIndex();
    for (const object of objects) await index.addInstance(object);
    expect(await patientsOf(index)).toEqual({ '1.2.1': '010190-998V Demo^Aino', '1.2.2': 'WRONG Of^WRONG' });
  });

  test('settles the marks of its Patient ID; who names a third patient afterwards is marked', async () => {
    const index = await openIndex();
    const marks = async () => (await index.listStudies({ limit: 1 }))[0]?.marks;
    await index.addInstance(of('', { study: '1.2.1', sop: '1.2.1.1.1' }));
    await index.addInstance(of('A', { study: '1.2.1', sop: '1.2.1.1.2' }));
    await index.addInstance(of('B', { study: '1.2.1', sop: '1.2.1.1.3' }));
    expect(await marks()).toEqual(['PATIENT_ID_MISSING', 'PATIENT_MISMATCH']);
    const { changeId } = await index.changeIdentity(move('1.2.1'));
    await index.addInstance(of('', { study: '1.2.1', sop: '1.2.1.1.4' }));
    expect(await marks()).toEqual(['IDENTITY_CORRECTED']);
    await index.addInstance(of('THIRD', { study: '1.2.1', sop: '1.2.1.1.5' }));
    expect(await marks()).toEqual(['PATIENT_MISMATCH', 'IDENTITY_CORRECTED']);
    await index.undoIdentity(changeId, 'cli:test', AT + 1);
    expect(await marks()).toEqual(['PATIENT_ID_MISSING', 'PATIENT_MISMATCH']);
  });

  test('does not redescribe the patient whose it becomes with what comes later', async () => {
    const index = await openIndex();
    await index.addInstance(of('WRONG', { study: '1.2.1', sop: '1.2.1.1.1' }));
    await index.changeIdentity(move('1.2.1'));
    const attributes = { IssuerOfPatientID: AINO.issuer, PatientName: 'Newname^Aino' };
    await index.addInstance(of(AINO.patientId, { study: '1.2.2', sop: '1.2.2.1.1', attributes }));
    await index.addInstance(of('WRONG', { study: '1.2.1', sop: '1.2.1.1.2' }));
    expect(await patientsOf(index)).toEqual({
      '1.2.1': '010190-998V Newname^Aino',
      '1.2.2': '010190-998V Newname^Aino',
    });
  });
});

describe('a retired id', () => {
  test('gives up all its studies, and those that come under it later, along a chain of merges', async () => {
    const index = await openIndex();
    await index.addInstance(of('TMP-1', { study: '1.2.1', sop: '1.2.1.1.1' }));
    const first = { ...merge('TMP-1'), identity: { ...AINO, patientId: 'TMP-2', issuer: '' } };
    expect((await index.changeIdentity(first)).studies).toHaveLength(1);
    expect((await index.changeIdentity(merge('TMP-2', ''))).studies).toHaveLength(1);
    await index.addInstance(of('TMP-1', { study: '1.2.2', sop: '1.2.2.1.1' }));
    await index.addInstance(of('OTHER', { study: '1.2.3', sop: '1.2.3.1.1' }));
    expect(await patientsOf(index)).toEqual({
      '1.2.1': '010190-998V Demo^Aino',
      '1.2.2': '010190-998V Demo^Aino',
      '1.2.3': 'OTHER Of^OTHER',
    });
    expect(await toldOf(index, '1.2.2')).toEqual([AINO.patientId]);
  });

  test('may be told again; other stories, and merges into what is retired, are refused', async () => {
    const index = await openIndex();
    await index.addInstance(of('TMP-1', { study: '1.2.1', sop: '1.2.1.1.1' }));
    const { changeId } = await index.changeIdentity(merge('TMP-1'));
    expect(await index.changeIdentity(merge('TMP-1'))).toEqual({ changeId, isRepeat: true, studies: [] });
    const refused = (change: Parameters<IndexService['changeIdentity']>[0]) =>
      index.changeIdentity(change).then(
        () => 'done',
        (error: { code: string }) => error.code,
      );
    const elsewhere = { ...AINO, patientId: 'X' };
    expect(await refused({ ...merge('TMP-1'), identity: elsewhere })).toBe('IDENTITY_ALREADY_MERGED');
    expect(await refused({ ...merge('TMP-9'), identity: { ...AINO, patientId: 'TMP-1' } })).toBe('IDENTITY_RETIRED');
    expect(await refused(merge(AINO.patientId))).toBe('IDENTITY_SAME');
    expect(await refused(move('1.2.1'))).toBe('IDENTITY_SAME');
    expect(await refused(move('1.2.9'))).toBe('IDENTITY_NO_STUDY');
    expect(await patientsOf(index)).toEqual({ '1.2.1': '010190-998V Demo^Aino' });
  });

  test('is taken back as a whole, unless a study of it was moved since', async () => {
    const index = await openIndex();
    await index.addInstance(of('TMP-1', { study: '1.2.1', sop: '1.2.1.1.1' }));
    const merged = await index.changeIdentity(merge('TMP-1'));
    await index.addInstance(of('TMP-1', { study: '1.2.2', sop: '1.2.2.1.1' }));
    const moved = await index.changeIdentity({ ...move('1.2.2'), identity: { ...AINO, patientId: 'THIRD' } });
    await expect(index.undoIdentity(merged.changeId, 'cli:test', AT)).rejects.toMatchObject({
      code: 'IDENTITY_SUPERSEDED',
    });
    await index.undoIdentity(moved.changeId, 'cli:test', AT + 1);
    expect(await toldOf(index, '1.2.2')).toEqual([AINO.patientId]);
    await index.undoIdentity(merged.changeId, 'cli:test', AT + 2);
    expect(await patientsOf(index)).toEqual({ '1.2.1': 'TMP-1 Of^TMP-1', '1.2.2': 'TMP-1 Of^TMP-1' });
    await expect(index.undoIdentity(merged.changeId, 'cli:test', AT)).rejects.toMatchObject({
      code: 'IDENTITY_UNDONE',
    });
    await index.addInstance(of('TMP-1', { study: '1.2.3', sop: '1.2.3.1.1' }));
    expect(await toldOf(index, '1.2.3')).toEqual([undefined]);
  });
});

test('under disclosure control organisations keep patient rows of their own', async () => {
  const index = await openIndex(databaseFile(), 1, true);
  await index.addInstance(of('TMP-1', { study: '1.2.1', sop: '1.2.1.1.1', organisation: 'north' }));
  await index.addInstance(of('TMP-1', { study: '1.2.2', sop: '1.2.2.1.1', organisation: 'south' }));
  await index.changeIdentity(merge('TMP-1'));
  expect(await patientsOf(index)).toEqual({ '1.2.1': '010190-998V Demo^Aino', '1.2.2': '010190-998V Demo^Aino' });
  expect((await index.totals()).patients).toBe(2);
});

describe('taking back', () => {
  test('one of two merges: what came under the first id in between is whose the other one says', async () => {
    const index = await openIndex();
    await index.addInstance(of('TMP-1', { study: '1.2.1', sop: '1.2.1.1.1' }));
    const first = await index.changeIdentity({
      ...merge('TMP-1'),
      identity: { ...AINO, patientId: 'TMP-2', issuer: '' },
    });
    const second = await index.changeIdentity(merge('TMP-2', ''));
    await index.addInstance(of('TMP-1', { study: '1.2.2', sop: '1.2.2.1.1' }));
    await expect(index.undoIdentity(first.changeId, 'cli:test', AT)).rejects.toMatchObject({
      code: 'IDENTITY_SUPERSEDED',
    });
    await index.undoIdentity(second.changeId, 'cli:test', AT);
    expect(await patientsOf(index)).toEqual({ '1.2.1': 'TMP-2 Demo^Aino', '1.2.2': 'TMP-2 Demo^Aino' });
    expect(await toldOf(index, '1.2.2')).toEqual(['TMP-2']);
    await index.undoIdentity(first.changeId, 'cli:test', AT);
    expect(await patientsOf(index)).toEqual({ '1.2.1': 'TMP-1 Of^TMP-1', '1.2.2': 'TMP-1 Of^TMP-1' });
    expect(await toldOf(index, '1.2.2')).toEqual([undefined]);
  });

  test('describes no patient anew, and knows every patient that a study has had', async () => {
    const index = await openIndex();
    await index.addInstance(of('A', { study: '1.2.1', sop: '1.2.1.1.1' }));
    const { changeId } = await index.changeIdentity(move('1.2.1'));
    await index.changeIdentity({ ...move('1.2.1'), identity: { ...AINO, patientId: 'B' } });
    await index.addInstance(of('A', { study: '1.2.1', sop: '1.2.1.1.2' }));
    expect((await index.listStudies({ limit: 1 }))[0]?.marks).toEqual(['IDENTITY_CORRECTED']);
    await index.addInstance(of('A', { study: '1.2.2', sop: '1.2.2.1.1', attributes: { PatientName: 'New^A' } }));
    await index.undoIdentity(changeId + 1, 'cli:test', AT);
    await index.undoIdentity(changeId, 'cli:test', AT);
    expect(await patientsOf(index)).toEqual({ '1.2.1': 'A New^A', '1.2.2': 'A New^A' });
  });
});

describe('in the queue', () => {
  type Queue = ReturnType<typeof openQueuedIndex>;
  const listing = ({ index }: Queue): Reading => ({ listStudies: (query) => index.read('listStudies', query) });
  const lastJob = async (queue: Queue) => (await queue.jobs('1.2.3')).at(-1)!;
  const carried = async (queue: Queue, jobId: number) =>
    (await queue.index.read('queueInstances', jobId)).map(
      ({ state, corrected }) => `${state} ${corrected?.patientId ?? 'as received'}`,
    );
  const isSentAsOther = async (queue: Queue) => (await queue.index.read('studyFacts', '1.2.3'))?.isSentAsOther;

  test('what has not begun goes out as the new patient’s', async () => {
    const queue = openQueuedIndex();
    await queue.add('1.2.3', '1');
    await queue.queueAll();
    await queue.index.changeIdentity(move('1.2.3'));
    expect(await carried(queue, (await lastJob(queue)).id)).toEqual(['PENDING 010190-998V']);
    await queue.queueAll();
    expect(await lastJob(queue)).toMatchObject({ version: 1, state: 'QUEUED' });
    expect(await carried(queue, (await lastJob(queue)).id)).toEqual(['PENDING 010190-998V']);
    expect(await isSentAsOther(queue)).toBe(false);
    expect(wrongCounts(queue.db)).toEqual([]);
  });

  test('what was sent goes once more in a further version, when somebody has said that the archive was mended', async () => {
    const queue = openQueuedIndex();
    await queue.add('1.2.3', '1');
    await queue.queueAll();
    const sent = await lastJob(queue);
    await queue.index.write('queueStart', sent.id, queue.now(), 'egress');
    const outcome = await queue.index.changeIdentity(move('1.2.3'));
    expect(outcome.studies).toMatchObject([{ isSentAsOther: true }]);
    await queue.queueAll();
    expect(await carried(queue, sent.id)).toEqual(['PENDING as received']);
    const again = await lastJob(queue);
    expect(again).toMatchObject({ version: 2 });
    expect(await carried(queue, again.id)).toEqual(['PENDING 010190-998V']);
    expect(await isSentAsOther(queue)).toBe(true);
    expect(await queue.index.write('rebuiltConfirm', '1.2.3')).toBe(1);
    expect(await isSentAsOther(queue)).toBe(false);
  });

  test('taken back before anything went: what the archive has is right as it is', async () => {
    const queue = openQueuedIndex();
    await queue.add('1.2.3', '1');
    await queue.queueAll();
    const sent = await lastJob(queue);
    await queue.index.write('queueStart', sent.id, queue.now(), 'egress');
    const { changeId } = await queue.index.changeIdentity(move('1.2.3'));
    await queue.index.undoIdentity(changeId, 'cli:test', queue.now());
    expect(await isSentAsOther(queue)).toBe(false);
    await queue.queueAll();
    expect(await queue.jobs('1.2.3')).toHaveLength(1);
  });

  test('both of two changes can be taken back, though the second one has gone', async () => {
    const queue = openQueuedIndex();
    await queue.add('1.2.3', '1');
    const first = await queue.index.changeIdentity(move('1.2.3'));
    const second = await queue.index.changeIdentity({ ...move('1.2.3'), identity: { ...AINO, patientId: 'B' } });
    await queue.queueAll();
    await queue.index.write('queueStart', (await lastJob(queue)).id, queue.now(), 'egress');
    await queue.index.undoIdentity(second.changeId, 'cli:test', queue.now());
    expect(await patientsOf(listing(queue))).toEqual({ '1.2.3': '010190-998V Demo^Aino' });
    await queue.index.undoIdentity(first.changeId, 'cli:test', queue.now());
    expect(await patientsOf(listing(queue))).toEqual({ '1.2.3': '010190-123A Testihenkilö^Åke' });
    await queue.queueAll();
    expect(await carried(queue, (await lastJob(queue)).id)).toEqual(['PENDING as received']);
  });

  test('taken back after it went: it goes once more as it was received, with the archive mended again', async () => {
    const queue = openQueuedIndex();
    await queue.add('1.2.3', '1');
    await queue.queueAll();
    await queue.index.write('queueStart', (await lastJob(queue)).id, queue.now(), 'egress');
    const { changeId } = await queue.index.changeIdentity(move('1.2.3'));
    await queue.index.write('rebuiltConfirm', '1.2.3');
    await queue.index.undoIdentity(changeId, 'cli:test', queue.now());
    expect(await isSentAsOther(queue)).toBe(true);
    await queue.queueAll();
    expect(await carried(queue, (await lastJob(queue)).id)).toEqual(['PENDING as received']);
    expect(await queue.jobs('1.2.3')).toHaveLength(2);
  });
});
