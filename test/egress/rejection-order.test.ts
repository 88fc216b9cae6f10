import { expect, test } from 'vitest';
import { UID } from '../../src/dicom/uids.ts';
import { forwarding } from '../support/forwarding.ts';
import type { SyntheticObject } from '../support/synthetic-object.ts';

const STUDY = '2.25.900';
const OTHER = '2.25.901';

const image = (study: string, n: number): SyntheticObject => ({ study, series: `${study}.1`, sop: `${study}.1.${n}` });

/** A rejection note for reasons of quality (PS3.16 CID 7011) of images of one study; it may lie in another one. */
const note = (study: string, ...named: readonly [SyntheticObject, ...SyntheticObject[]]): SyntheticObject => ({
  study,
  series: `${study}.9`,
  sop: `${study}.9.1`,
  sopClassUid: UID.KeyObjectSelectionDocumentStorage,
  attributes: {
    Modality: 'KO',
    ConceptNameCodeSequence: [{ CodeValue: '113001', CodingSchemeDesignator: 'DCM', CodeMeaning: 'Rejected' }],
    CurrentRequestedProcedureEvidenceSequence: [
      {
        StudyInstanceUID: named[0].study,
        ReferencedSeriesSequence: [
          {
            SeriesInstanceUID: named[0].series,
            ReferencedSOPSequence: named.map(({ sop }) => {
              return { ReferencedSOPClassUID: UID.CTImageStorage, ReferencedSOPInstanceUID: sop };
            }),
          },
        ],
      },
    ],
  },
});

const states = async (f: Awaited<ReturnType<typeof forwarding>>, study: string) =>
  Object.fromEntries((await f.instances(study)).map(({ sopInstanceUid, state }) => [sopInstanceUid, state]));

test('a rejection note does not overtake an object of another study that may be on its way', async () => {
  const f = await forwarding({ rules: ['store nth=1 abort=during'] });
  await f.receive(image(STUDY, 1));
  await f.queueAll();
  expect(await f.run(STUDY)).toMatchObject({ state: 'RETRY_WAIT', lastCode: 'ABORTED' });
  await f.receive(image(OTHER, 1));
  await f.receive(note(OTHER, image(STUDY, 1)));
  await f.queueAll();

  const waiting = await f.run(OTHER);
  expect(waiting).toMatchObject({ state: 'QUEUED', lastCode: 'NOTE_WAITS', attempts: 0 });
  expect(waiting.lastReason).toBe(
    `rejection note ${OTHER}.9.1 waits for ${STUDY}.1.1, which job ${(await f.latest(STUDY)).id} has yet to send or to leave out`,
  );
  expect(await states(f, OTHER)).toEqual({ [`${OTHER}.1.1`]: 'SENT', [`${OTHER}.9.1`]: 'PENDING' });
  // Nothing new: it is put off, without an association or another transition.
  const associations = f.told('associate').length;
  const still = await f.run(OTHER);
  expect(still).toMatchObject({ state: 'QUEUED', updatedAt: waiting.updatedAt });
  expect(still.nextAttemptAt).toBeGreaterThan(f.now());
  expect(f.told('associate')).toHaveLength(associations);

  expect(await f.run(STUDY)).toMatchObject({ state: 'ARCHIVED' });
  expect(await f.run(OTHER)).toMatchObject({ state: 'ARCHIVED' });
  expect(await states(f, OTHER)).toEqual({ [`${OTHER}.1.1`]: 'COMMITTED', [`${OTHER}.9.1`]: 'COMMITTED' });
});

test('a rejection note waits for a study that is yet to be looked at, and does not go when nothing of that went', async () => {
  const f = await forwarding();
  await f.receive(image(OTHER, 1));
  await f.receive(note(OTHER, image(STUDY, 1)));
  await f.queueAll();
  await f.receive(image(STUDY, 1));
  await f.open();

  expect(await f.run(OTHER)).toMatchObject({ state: 'QUEUED', lastCode: 'NOTE_WAITS' });
  await f.queueAll();
  expect(await f.latest(STUDY)).toMatchObject({ state: 'WITHDRAWN' });
  expect(await f.run(OTHER)).toMatchObject({ state: 'ARCHIVED' });
  expect(await states(f, OTHER)).toEqual({ [`${OTHER}.1.1`]: 'COMMITTED', [`${OTHER}.9.1`]: 'WITHDRAWN' });
  expect(f.archive.objects.get(`${OTHER}.9.1`)).toBeUndefined();
});

test('of what the queue has never seen the archive may know from elsewhere: a note about that goes at once', async () => {
  const f = await forwarding();
  await f.receive(image(OTHER, 1));
  await f.receive(note(OTHER, image(STUDY, 1)));
  await f.queueAll();
  await f.run(OTHER);
  expect((await f.instances(OTHER)).map(({ sends }) => sends)).toEqual([1, 1]);
});

test('a note that rejects a whole study takes along what the archive does not have yet', async () => {
  const f = await forwarding();
  await f.receive(image(STUDY, 1));
  await f.queueAll();
  expect(await f.run(STUDY)).toMatchObject({ state: 'ARCHIVED' });
  await f.receive(image(STUDY, 2));
  await f.receive(note(STUDY, image(STUDY, 1), image(STUDY, 2)));
  await f.queueAll();
  expect(await f.run(STUDY)).toMatchObject({ version: 2, state: 'ARCHIVED' });
  const stored = f.told('store').map(({ sopInstance, status }) => [sopInstance, status]);
  expect(stored.slice(-2)).toEqual([
    [`${STUDY}.1.2`, '0000'],
    [`${STUDY}.9.1`, '0000'],
  ]);
  expect(
    [...f.archive.objects.visible()].filter(({ sopInstanceUid }) => sopInstanceUid.startsWith(`${STUDY}.1.`)),
  ).toEqual([]);
});

test('a note whose job has begun lets a later version pass that carries what it names', async () => {
  const f = await forwarding({ rules: ['store nth=3 abort=during'] });
  await f.receive(image(STUDY, 1));
  await f.queueAll();
  await f.run(STUDY);
  await f.receive(note(STUDY, image(STUDY, 1), image(STUDY, 2)));
  await f.queueAll();
  expect(await f.run(STUDY)).toMatchObject({ version: 2, state: 'RETRY_WAIT', lastCode: 'ABORTED' });
  await f.receive(image(STUDY, 2));
  await f.queueAll();
  const due = async () => {
    f.pass(3_600_000);
    for (const job of await f.index.read('queueWaitedEnough', 'national', f.now(), 10))
      await f.store.move(job, { to: job.resumeState!, code: 'DUE', reason: '' });
    const jobs = await f.index.read('queueDue', { destination: 'national', at: f.now(), perSource: 10, without: [] });
    return jobs.toSorted((a, b) => a.version - b.version);
  };
  // Version 3 waits for version 2, until that has nothing but the note left.
  const [second, ...none] = await due();
  expect([second?.version, none]).toEqual([2, []]);
  await f.forwarder.run(second!, new AbortController().signal);
  expect((await due()).map(({ version, lastCode }) => [version, lastCode])).toEqual([
    [2, 'NOTE_WAITS'],
    [3, 'READY'],
  ]);
  for (let round = 0; round < 2; round++)
    for (const job of (await due()).toReversed()) await f.forwarder.run(job, new AbortController().signal);
  expect((await f.jobs(STUDY)).map(({ state }) => state)).toEqual(['ARCHIVED', 'ARCHIVED', 'ARCHIVED']);
});
