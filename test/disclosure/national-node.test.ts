import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { dataSetOf, encodeDataSet, text, uid } from '../../src/dicom/data-set.ts';
import { TAG } from '../../src/dicom/tags.ts';
import { UID } from '../../src/dicom/uids.ts';
import { COAST, DISTRICT, EVENT, PATIENT, READER } from '../../src/disclosure/test-support/scenario.ts';
import { CommitmentScu } from '../support/commitment-scu.ts';
import { findscu, getscu, movescu } from '../support/dcmtk.ts';
import { associate } from '../support/own-sender.ts';
import { StoreScp } from '../support/storescp.ts';
import { tempDir } from '../support/temp-dir.ts';
import { NationalNode } from './national-node.ts';

// A district's studies and what another organisation, a coast county, gets of them from the national node by DCMTK.
// The law is that of today, 703/2023.

vi.setConfig({ testTimeout: 60_000, hookTimeout: 120_000 });

const OPEN = '2.25.101';
const HIDDEN = '2.25.102';
const OWN = '2.25.103';
const NOWHERE = '2.25.199';

let national: NationalNode;
let inbox: StoreScp;

beforeAll(async () => {
  inbox = await StoreScp.start();
  national = await NationalNode.start([
    { aet: 'DISTRICT', controller: DISTRICT, kind: 'public', port: 1 },
    { aet: 'COAST', controller: COAST, kind: 'public', port: inbox.port },
    { aet: 'READER', controller: READER, kind: 'statement-only', port: inbox.port },
  ]);
  const of = (study: string, count: number) =>
    Array.from({ length: count }, (_, at) => ({ study, sop: `${study}.1.${at}`, patientId: PATIENT }));
  await national.store('DISTRICT', [...of(OPEN, 2), ...of(HIDDEN, 3)]);
  await national.store('COAST', of(OWN, 1));
  national.link(OPEN, DISTRICT, `${EVENT}.1`);
  national.link(HIDDEN, DISTRICT, EVENT);
});
afterAll(async () => {
  await national?.[Symbol.asyncDispose]();
  await inbox?.[Symbol.asyncDispose]();
});

const TS = UID.ExplicitVRLittleEndian;
const STUDY_UID = '0020,000d';
const peer = (aet: string) => national.node.peer(aet);

async function studies(aet: string, ...keys: string[]): Promise<string[]> {
  const asked = ['QueryRetrieveLevel=STUDY', 'StudyInstanceUID', `PatientID=${PATIENT}`, ...keys];
  const { matches } = await findscu(peer(aet), 'study', asked);
  return matches.map((match) => match.get(STUDY_UID)!).toSorted();
}

describe('another organisation', () => {
  test('sees nothing, not even its own, without a care relationship', async () => {
    expect(await studies('COAST')).toEqual([]);
    expect(await studies('DISTRICT')).toEqual([]);
  });

  test('sees its own register under care, and others’ with informing and consent', async () => {
    await national.record({ register: 'relation', patient: PATIENT, controller: COAST, from: '2024-01-01' });
    expect(await studies('COAST')).toEqual([OWN]);
    await national.record({ register: 'informing', patient: PATIENT, version: '2.0', from: '2024-01-01' });
    await national.record({ register: 'consent', patient: PATIENT, from: '2024-01-02' });
    expect(await studies('COAST')).toEqual([OPEN, HIDDEN, OWN]);
  });

  test('does not find a denied study at any level, and no count tells of it', async () => {
    await national.record({
      register: 'denial',
      patient: PATIENT,
      scope: 'service-event',
      serviceEvent: EVENT,
      emergencyAllowed: true,
      from: '2024-01-03',
    });
    expect(await studies('COAST')).toEqual([OPEN, OWN]);
    const counts = ['NumberOfPatientRelatedStudies', 'NumberOfPatientRelatedSeries', 'NumberOfPatientRelatedInstances'];
    const patients = await findscu(peer('COAST'), 'patient', [
      'QueryRetrieveLevel=PATIENT',
      `PatientID=${PATIENT}`,
      ...counts,
    ]);
    expect(
      patients.matches.map((match) => ['0020,1200', '0020,1202', '0020,1204'].map((tag) => match.get(tag))),
    ).toEqual([['2', '2', '3']]);
    const atStudy = await findscu(peer('COAST'), 'study', [
      'QueryRetrieveLevel=STUDY',
      `StudyInstanceUID=${OPEN}`,
      ...counts,
    ]);
    expect(atStudy.matches.map((match) => match.get('0020,1200'))).toEqual(['2']);
    const series = ['QueryRetrieveLevel=SERIES', 'SeriesInstanceUID'];
    const images = ['QueryRetrieveLevel=IMAGE', `SeriesInstanceUID=${HIDDEN}.1`, 'SOPInstanceUID'];
    const answers = await Promise.all(
      [HIDDEN, NOWHERE].map(async (uid) => [
        await findscu(peer('COAST'), 'study', [...series, `StudyInstanceUID=${uid}`]),
        await findscu(peer('COAST'), 'study', [...images, `StudyInstanceUID=${uid}`]),
        await findscu(peer('COAST'), 'study', ['QueryRetrieveLevel=STUDY', `StudyInstanceUID=${uid}`]),
      ]),
    );
    expect(answers.flat().map(({ matches }) => matches.length)).toEqual([0, 0, 0, 0, 0, 0]);
  });

  test('moves and gets nothing of a denied study, with the answers for one that is not there', async () => {
    const before = inbox.received().length;
    await using dir = await tempDir('kuva-got-');
    const asked = (uid: string) => ['QueryRetrieveLevel=STUDY', `StudyInstanceUID=${uid}`];
    const answers = [];
    for (const uid of [HIDDEN, NOWHERE]) {
      const moved = await movescu(peer('COAST'), 'study', 'COAST', asked(uid));
      const got = await getscu(peer('COAST'), 'study', dir.path, asked(uid));
      answers.push([moved.status, moved.counters, got.status, got.counters]);
    }
    expect(answers[0]).toEqual(answers[1]);
    expect(answers[0]![0]).toBe(0);
    expect(inbox.received().length).toBe(before);

    const moved = await movescu(peer('COAST'), 'study', 'COAST', asked(OPEN));
    expect(moved.counters).toMatchObject({ completed: 2, failed: 0 });
    expect(inbox.received().length).toBe(before + 2);
  });

  test('waits no longer for what is denied than for what is not there', async () => {
    const assoc = await associate(peer('COAST'), [{ abstractSyntax: UID.StudyRootFind, transferSyntaxes: [TS] }]);
    const times: Record<string, number[]> = { [HIDDEN]: [], [NOWHERE]: [] };
    for (let round = 0; round < 30; round += 1) {
      for (const study of round % 2 === 0 ? [HIDDEN, NOWHERE] : [NOWHERE, HIDDEN]) {
        const identifier = encodeDataSet(
          dataSetOf(text(TAG.QueryRetrieveLevel, 'CS', 'STUDY', ''), uid(TAG.StudyInstanceUID, study)),
          TS,
        );
        const begun = performance.now();
        const { signal } = new AbortController();
        const responses = assoc.find({ pc: assoc.contextFor(UID.StudyRootFind)!, priority: 0, identifier, signal });
        for await (const response of responses) expect(response.status.code).toBe(0);
        times[study]!.push(performance.now() - begun);
      }
    }
    await assoc.release();
    const median = (study: string): number => times[study]!.toSorted((a, b) => a - b)[15]!;
    expect(median(HIDDEN)).toBeLessThan(median(NOWHERE) * 3);
    expect(median(NOWHERE)).toBeLessThan(median(HIDDEN) * 3);
  });

  test('may not move to one who might not have it', async () => {
    const moved = await movescu(peer('COAST'), 'study', 'READER', [
      'QueryRetrieveLevel=STUDY',
      `StudyInstanceUID=${OPEN}`,
    ]);
    expect([moved.status, moved.counters.completed ?? 0]).toEqual([0, 0]);
  });

  test('gets a denied study in an emergency that the patient allowed, in the name of a person', async () => {
    const emergency = 'RequestedProcedureComments=purpose=EMERGENCY';
    expect(await studies('COAST', emergency), 'of nobody').toEqual([]);
    expect(await studies('COAST', `${emergency};user=1.2.246.537.26.10000000001`)).toEqual([OPEN, HIDDEN, OWN]);
    expect(await studies('COAST', 'RequestedProcedureComments=purpose=CURIOSITY')).toEqual([]);
  });

  test('cannot probe by storage commitment for what others keep', async () => {
    await using scu = new CommitmentScu();
    const reference = (study: string) => ({ sopClassUid: UID.CTImageStorage, sopInstanceUid: `${study}.1.0` });
    const ask = async (aet: string, transaction: string, ...uids: string[]) => {
      await scu.request(peer(aet), transaction, uids.map(reference), 'stay');
      return scu.report(transaction);
    };
    const probed = await ask('COAST', '2.25.901', HIDDEN, NOWHERE, OWN);
    expect(probed).toMatchObject({
      committed: [`${OWN}.1.0`],
      failed: { [`${HIDDEN}.1.0`]: 0x0112, [`${NOWHERE}.1.0`]: 0x0112 },
    });
    expect(await ask('DISTRICT', '2.25.902', HIDDEN)).toMatchObject({ committed: [`${HIDDEN}.1.0`] });
  });
});

test('an organisation that only gives statements sees a denied study while it is authorised', async () => {
  expect(await studies('READER')).toEqual([]);
  const [id] = await national.record({
    register: 'authorisation',
    patient: PATIENT,
    organiser: DISTRICT,
    producer: READER,
    searchRegister: '2',
    from: '2024-01-01',
  });
  expect(await studies('READER')).toEqual([OPEN, HIDDEN]);
  await national.index.write('willEnd', 'authorisation', id!, {
    validUntil: Date.now(),
    endedAt: Date.now(),
    endedBy: 'test',
  });
  expect(await studies('READER')).toEqual([]);
});

test('a denial never blocks the own register', async () => {
  await national.record({ register: 'relation', patient: PATIENT, controller: DISTRICT, from: '2024-01-01' });
  expect(await studies('DISTRICT')).toContain(HIDDEN);
});

test('what was shown and what was withheld is in the logs, and nothing else', async () => {
  const entries = async (log: 'use' | 'disclosure') =>
    (await national.index.read('accessLogEntries', { log, limit: 10_000 })).map(
      (row) => JSON.parse(row.record!) as Record<string, string>,
    );
  const disclosed = (await entries('disclosure')).filter(({ application }) => application === 'COAST');
  const of = (study: string, outcome: string) =>
    disclosed.filter((entry) => entry['itemId'] === study && entry['outcome'] === outcome);
  expect(of(OPEN, 'permitted')).toContainEqual(
    expect.objectContaining({
      eventType: 'C-MOVE',
      basis: 'CONSENT',
      organisation: 'COAST',
      controller: DISTRICT,
      policy: 'fi-disclosure-sim-1 703/2023',
    }),
  );
  expect(new Set(of(HIDDEN, 'denied').map(({ reasonCode }) => reasonCode))).toEqual(
    new Set(['NO_CONSENT', 'DENIED', 'NO_PERSON', 'UNKNOWN_PURPOSE']),
  );
  expect(of(HIDDEN, 'permitted')).toContainEqual(
    expect.objectContaining({
      purpose: 'EMERGENCY',
      user: '1.2.246.537.26.10000000001',
      reasonCode: 'PERMITTED FLAGGED',
    }),
  );
  const used = await entries('use');
  expect(
    used.filter(({ itemId }) => itemId !== '').map(({ application, basis }) => [application, basis]),
  ).toContainEqual(['COAST', 'OWN_REGISTER']);
});
