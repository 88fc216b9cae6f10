import { chmodSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { UID } from '../../src/dicom/uids.ts';
import { forwarding } from '../support/forwarding.ts';
import { waitFor } from '../support/wait-for.ts';

const STUDY = '2.25.900';
const object = (n: number, more: object = {}) => ({
  study: STUDY,
  series: `${STUDY}.1`,
  sop: `${STUDY}.1.${n}`,
  ...more,
});

test('a study goes all the way on one association: objects byte for byte, commitment, manifest, its commitment', async () => {
  const f = await forwarding();
  await f.receive(object(1));
  await f.receive(object(2, { sopClassUid: UID.TwelveLeadECGWaveformStorage, series: `${STUDY}.2` }));
  await f.receive(object(3, { transferSyntaxUid: UID.ImplicitVRLittleEndian }));
  await f.queueAll();
  expect(await f.run(STUDY)).toMatchObject({ state: 'ARCHIVED', attempts: 0 });
  expect(f.told('associate')).toHaveLength(1);
  const instances = await f.instances(STUDY);
  expect(instances.map(({ state, status, sends }) => [state, status, sends])).toEqual(
    Array(3).fill(['COMMITTED', 0, 1]),
  );
  for (const { sopInstanceUid, sha256 } of instances) {
    // Of the file with the same file meta information: equal when the data set is, to the last bit.
    expect(f.archive.objects.get(sopInstanceUid)).toMatchObject({ sha256, callingAet: 'KUVA' });
  }
  const manifest = await f.store.manifest(await f.latest(STUDY));
  expect(f.archive.objects.get(manifest!.sopInstanceUid)).toMatchObject({ sha256: manifest!.sha256 });
  expect(f.happened).toEqual(['report applied', 'report applied']);
});

const study = async (f: Awaited<ReturnType<typeof forwarding>>, count: number): Promise<void> => {
  for (let n = 1; n <= count; n++) await f.receive(object(n));
  await f.queueAll();
};

test('answers that pass are waited out, and only what is missing goes again', async () => {
  const f = await forwarding({
    rules: ['store nth=2 status=A700', 'store nth=5 status=0110', 'store nth=3 status=B000'],
  });
  await study(f, 4);
  // The archive is out of resources: nothing more is tried in this run.
  expect(await f.run(STUDY)).toMatchObject({ state: 'RETRY_WAIT', resumeState: 'QUEUED', lastCode: 'ARCHIVE_A700' });
  expect((await f.instances(STUDY)).map(({ sends }) => sends)).toEqual([1, 1, 0, 0]);
  // A processing failure of one object lets the others go.
  expect(await f.run(STUDY)).toMatchObject({ state: 'RETRY_WAIT', lastCode: 'ARCHIVE_0110' });
  expect(await f.run(STUDY)).toMatchObject({ state: 'ARCHIVED' });
  const instances = await f.instances(STUDY);
  expect(instances.map(({ sends }) => sends).toSorted()).toEqual([1, 1, 1, 3]);
  expect(instances.map(({ status }) => status).toSorted()).toEqual([0, 0, 0, 0xb000]);
});

test('an answer that lasts holds the study with cause and remedy, after the other objects have gone', async () => {
  const f = await forwarding({ rules: ['store nth=2 times=1 status=A777 comment=id-is-secret'] });
  await study(f, 3);
  expect(await f.run(STUDY)).toMatchObject({ state: 'HELD', lastCode: 'ARCHIVE_A777' });
  const [finding] = await f.index.read('queueFindings', (await f.latest(STUDY)).id);
  expect(finding).toMatchObject({ code: 'ARCHIVE_A777', severity: 'error', subject: `study:${STUDY}` });
  expect(finding?.cause).toContain('1 of 3 objects');
  expect(finding?.remedy).toContain('Patient ID');
  expect(JSON.stringify(finding)).not.toContain('secret');
  expect((await f.instances(STUDY)).map(({ state }) => state)).toEqual(['SENT', 'FAILED', 'SENT']);
  // Mended at the archive and released: only the one that was refused goes again.
  expect(await f.run(STUDY)).toMatchObject({ state: 'ARCHIVED' });
  expect((await f.instances(STUDY)).map(({ sends }) => sends)).toEqual([1, 2, 1]);
  expect(f.outgoing).toEqual([
    'begin 3',
    'national: 1 failed: the archive or a file refused',
    'begin 1',
    'national: 0 failed: ',
    // The manifest.
    'begin 1',
    'national: 0 failed: ',
  ]);
});

test('what failed too often is held, and when it is released tried as often again', async () => {
  const f = await forwarding({ rules: ['store times=7 status=0110'] });
  await study(f, 1);
  for (let n = 1; n <= 4; n++) expect(await f.run(STUDY)).toMatchObject({ state: 'RETRY_WAIT', attempts: n });
  expect(await f.run(STUDY)).toMatchObject({ state: 'HELD', lastCode: 'ARCHIVE_0110' });
  for (let n = 1; n <= 2; n++) expect(await f.run(STUDY)).toMatchObject({ state: 'RETRY_WAIT', attempts: n });
  await f.run(STUDY);
  expect(await f.latest(STUDY)).toMatchObject({ state: 'ARCHIVED' });
});

test('what else went wrong does not count as an object having failed', async () => {
  const full = [1, 2, 3, 4, 5].map((n) => `store nth=${n} status=A700`);
  const f = await forwarding({ rules: [...full, 'store nth=6 status=0110'] });
  await study(f, 1);
  for (const _ of full) expect(await f.run(STUDY)).toMatchObject({ state: 'RETRY_WAIT', lastCode: 'ARCHIVE_A700' });
  expect(await f.run(STUDY)).toMatchObject({ state: 'RETRY_WAIT', lastCode: 'ARCHIVE_0110' });
  expect(await f.run(STUDY)).toMatchObject({ state: 'ARCHIVED' });
});

test.for(['during', 'before-response', 'after-response'])(
  'an association aborted %s an object: that object goes again, no other',
  async (when) => {
    const f = await forwarding({ rules: [`store nth=2 abort=${when}`] });
    await study(f, 3);
    let job = await f.run(STUDY);
    // After a response the abort may come too late to disturb an object, and disturb what follows.
    if (when !== 'after-response') expect(job).toMatchObject({ state: 'RETRY_WAIT', lastCode: 'ABORTED' });
    for (let more = 0; more < 3 && job.state !== 'ARCHIVED'; more++) job = await f.run(STUDY);
    expect(job).toMatchObject({ state: 'ARCHIVED' });
    const sends = (await f.instances(STUDY)).map((instance) => instance.sends);
    expect(sends.toSorted().slice(0, 2)).toEqual([1, 1]);
    expect(sends.reduce((sum, each) => sum + each)).toBeLessThanOrEqual(4);
  },
);

test('an archive that is away opens the breaker, spends no attempt of other studies, and is asked with C-ECHO before anything is sent', async () => {
  const f = await forwarding({ rules: ['associate times=3 refuse=congestion'] });
  await study(f, 1);
  for (let n = 0; n < 3; n++)
    expect(await f.run(STUDY)).toMatchObject({ state: 'RETRY_WAIT', lastCode: 'REJECTED_TRANSIENT' });
  expect(f.link.report()).toMatchObject({ state: 'open', failures: 3 });
  const job = await f.latest(STUDY);
  expect(f.link.mayBegin(job)).toBe(false);
  await f.forwarder.run({ ...job, state: 'QUEUED' }, new AbortController().signal);
  expect(await f.latest(STUDY)).toEqual(job);
  expect(await f.run(STUDY)).toMatchObject({ state: 'ARCHIVED' });
  expect(f.told('echo')).toHaveLength(1);
  expect(f.link.report()).toMatchObject({ state: 'closed' });
});

test('a calling AE title that the archive does not know stops that controller alone', async () => {
  const f = await forwarding({ rules: ['associate callingAet=KUVA refuse=calling-aet'] });
  await study(f, 1);
  const job = await f.run(STUDY);
  expect(job).toMatchObject({ state: 'RETRY_WAIT', lastCode: 'REJECTED_CALLING_AET' });
  expect(job.lastReason).toContain('have KUVA registered at the archive');
  expect(f.link.mayBegin(job)).toBe(false);
  expect(f.link.mayBegin({ ...job, callingAet: 'OTHER' })).toBe(true);
  expect(f.link.refusedTitles()).toEqual(['KUVA']);
});

test('an archive that is back is not taken for away because the title that asked is one that it does not know', async () => {
  const refusals = ['associate times=3 refuse=congestion', 'associate callingAet=KUVA refuse=calling-aet'];
  const f = await forwarding({ rules: refusals });
  await study(f, 1);
  for (let n = 0; n < 3; n++) await f.run(STUDY);
  const job = await f.latest(STUDY);
  expect(f.link.mayBegin({ ...job, callingAet: 'OTHER' })).toBe(false);
  f.pass(1000);
  expect(await f.link.isReady(job.callingAet, new AbortController().signal)).toBe(false);
  expect(f.link.mayBegin({ ...job, callingAet: 'OTHER' })).toBe(true);
  expect(f.link.mayBegin(job)).toBe(false);
});

// A small one is hashed before its first byte leaves, a large one while it is sent: its association ends before the last fragment.
test.for([2000, 2_500_000])('of %i bytes that are no longer what was received, none arrives whole', async (bytes) => {
  const f = await forwarding();
  for (let n = 1; n <= 3; n++) await f.receive(object(n, { bytes }));
  await f.queueAll();
  const [, second] = await f.instances(STUDY);
  damage(f.root, second!.sha256);
  expect(await f.run(STUDY)).toMatchObject({ state: 'HELD', lastCode: 'OBJECT_CORRUPT' });
  const instances = await f.instances(STUDY);
  expect(instances.map(({ state }) => state)).toEqual(['SENT', 'FAILED', 'SENT']);
  const arrived = instances.map(({ sopInstanceUid }) => f.archive.objects.get(sopInstanceUid)?.sha256);
  expect(arrived).toEqual([instances[0]!.sha256, undefined, instances[2]!.sha256]);
  expect(f.told('store')).toHaveLength(2);
});

test('more presentation contexts than one association can have: several, one after the other', async () => {
  const f = await forwarding();
  for (let n = 1; n <= 140; n++) await f.receive(object(n, { sopClassUid: `1.2.3.4.${n}`, bytes: 10 }));
  await f.queueAll();
  expect(await f.run(STUDY)).toMatchObject({ state: 'ARCHIVED' });
  expect(f.told('associate')).toHaveLength(2);
  expect(f.archive.objects.size).toBe(141);
});

test('outside its window a study waits, an emergency does not', async () => {
  const closed = { days: [1, 2, 3, 4, 5, 6, 7], from: 0, to: 1440, rate: 0 };
  const f = await forwarding({ schedule: [closed] });
  await study(f, 1);
  const job = await f.latest(STUDY);
  expect(f.link.mayBegin(job)).toBe(false);
  await f.forwarder.run(job, new AbortController().signal);
  expect(await f.latest(STUDY)).toMatchObject({ state: 'QUEUED', lastCode: 'WINDOW_CLOSED' });
  await f.index.write('queuePrioritise', STUDY, 0);
  expect(await f.run(STUDY)).toMatchObject({ state: 'ARCHIVED' });
});

test('the bandwidth limit holds for what is sent', async () => {
  const f = await forwarding({ bandwidth: 100_000 });
  await f.receive(object(1, { bytes: 600_000 }));
  await f.receive(object(2, { bytes: 400_000 }));
  await f.queueAll();
  const start = f.now();
  expect(await f.run(STUDY)).toMatchObject({ state: 'ARCHIVED' });
  // A megabyte at 100 kB a second, less what the bucket holds and the last piece.
  expect(f.now() - start).toBeGreaterThan(8000);
  expect(f.now() - start).toBeLessThan(11_000);
});

test('a stop in the middle leaves the study queued, and what was taken is not sent again', async () => {
  const f = await forwarding({ rules: ['store nth=3 delay=20s'] });
  await study(f, 4);
  const stop = new AbortController();
  const running = f.run(STUDY, stop.signal);
  await waitFor('two answers', () => (f.answers() === 2 ? true : undefined));
  stop.abort(new Error('stop'));
  expect(await running).toMatchObject({ state: 'QUEUED', lastCode: 'STOPPED' });
  expect((await f.instances(STUDY)).slice(0, 2).map(({ state }) => state)).toEqual(['SENT', 'SENT']);
  expect(await f.run(STUDY)).toMatchObject({ state: 'ARCHIVED' });
});

function damage(root: string, sha256: string): void {
  const path = join(root, 'objects', sha256.slice(0, 2), sha256.slice(2, 4), `${sha256}.dcm`);
  const bytes = readFileSync(path);
  bytes[bytes.length - 1]! ^= 1;
  chmodSync(path, 0o644);
  writeFileSync(path, bytes);
}
