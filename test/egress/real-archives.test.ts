import { readdirSync } from 'node:fs';
import { basename, join } from 'node:path';
import { expect, test } from 'vitest';
import { UID } from '../../src/dicom/uids.ts';
import { forwarding } from '../support/forwarding.ts';
import { freePort } from '../support/free-port.ts';
import { NodeProcess } from '../support/node-process.ts';
import { Orthanc } from '../support/orthanc.ts';
import { readPart10 } from '../support/part10.ts';
import { StoreScp } from '../support/storescp.ts';
import { waitFor } from '../support/wait-for.ts';

type Forwarding = Awaited<ReturnType<typeof forwarding>>;

const STUDY = '2.25.900';
const SC = UID.SecondaryCaptureImageStorage;
const object = (n: number, more: object = {}) => ({
  study: STUDY,
  series: `${STUDY}.1`,
  sop: `${STUDY}.1.${n}`,
  ...more,
});

async function study(f: Forwarding, count: number): Promise<void> {
  for (let n = 1; n <= count; n++) await f.receive(object(n));
  await f.queueAll();
}

/** Runs the job whenever a report has come, until it has arrived. */
async function until(f: Forwarding, state: string): Promise<void> {
  await waitFor(
    `the study to be ${state}`,
    async () => {
      await f.reports.take();
      const job = await f.latest(STUDY);
      if (job.state === state) return true;
      if (['COMMITTED', 'RETRY_WAIT', 'QUEUED'].includes(job.state)) await f.run(STUDY);
      return undefined;
    },
    60_000,
  );
}

function objectFiles(root: string): string[] {
  return readdirSync(join(root, 'objects'), { recursive: true, encoding: 'utf8' }).filter((name) =>
    name.endsWith('.dcm'),
  );
}

function storedDigests(root: string): string[] {
  return objectFiles(root)
    .map((name) => basename(name, '.dcm'))
    .toSorted();
}

function keptDataSet(root: string, sha256: string): Buffer {
  return readPart10(
    join(
      root,
      'objects',
      objectFiles(root).find((name) => name.endsWith(`${sha256}.dcm`))!,
    ),
  ).dataSet;
}

test('Orthanc as the archive: reports on its own associations; what is lost there goes again alone', async () => {
  const port = await freePort();
  await using orthanc = await Orthanc.start('ARCHIVE', { kuva: { aet: 'KUVA', port } });
  const f = await forwarding({ port: orthanc.dicomPort, sameAssociationWait: 0 });
  await study(f, 3);
  // Nobody listens for the report: it is overdue.
  expect(await f.run(STUDY)).toMatchObject({ state: 'COMMIT_PENDING' });
  expect(await f.run(STUDY)).toMatchObject({ state: 'RETRY_WAIT', lastCode: 'COMMITMENT_OVERDUE' });
  const [lost] = await orthanc.instances();
  await orthanc.remove(`/instances/${lost}`);
  await f.listen(port);
  await f.run(STUDY);
  await waitFor(
    'the negative report',
    async () => {
      await f.reports.take();
      return (await f.latest(STUDY)).lastCode === 'NOT_COMMITTED' ? true : undefined;
    },
    30_000,
  );
  expect((await f.instances(STUDY)).map(({ failureReason }) => failureReason).toSorted()).toEqual([0x0112, null, null]);
  await until(f, 'ARCHIVED');
  expect((await f.instances(STUDY)).map(({ sends }) => sends).toSorted()).toEqual([1, 1, 2]);
  const commitments = await f.store.commitments(await f.latest(STUDY));
  expect(commitments.map(({ state, answeredOn, instances }) => [state, answeredOn, instances])).toEqual([
    ['EXPIRED', '', 3],
    ['ANSWERED', 'new', 3],
    ['ANSWERED', 'new', 1],
    ['ANSWERED', 'new', 1],
  ]);
  expect(await orthanc.instances()).toHaveLength(4);
});

test('a second node as the archive keeps the same bytes under the same digest, and commits them on the same association', async () => {
  await using archive = await NodeProcess.start({
    aes: [{ aet: 'KUVA', port: 1 }],
    sections: { node: { aeTitle: 'ARCHIVE', role: 'national' } },
  });
  const f = await forwarding({ port: archive.dicomPort });
  await study(f, 3);
  await until(f, 'ARCHIVED');
  expect((await f.store.commitments(await f.latest(STUDY))).map(({ answeredOn }) => answeredOn)).toEqual([
    'same',
    'same',
  ]);
  const own = (await f.instances(STUDY)).map(({ sha256 }) => sha256);
  const manifest = await f.store.manifest(await f.latest(STUDY));
  expect(storedDigests(archive.storageRoot)).toEqual([...own, manifest!.sha256].toSorted());
});

test('storescp: byte for byte in several transfer syntaxes; one without storage commitment is never taken for an archive', async () => {
  await using sink = await StoreScp.start();
  const f = await forwarding({ port: sink.port });
  await f.receive(object(1));
  await f.receive(object(2, { transferSyntaxUid: UID.ImplicitVRLittleEndian }));
  await f.receive(object(3, { sopClassUid: SC, transferSyntaxUid: UID.JPEGBaseline8Bit, bytes: 1_500_000 }));
  await f.queueAll();
  expect(await f.run(STUDY)).toMatchObject({ state: 'HELD', lastCode: 'COMMITMENT_NOT_OFFERED' });
  const received = new Map(sink.received().map((file) => [file.sopInstanceUid, file]));
  expect([...received.values()].map(({ transferSyntaxUid }) => transferSyntaxUid).toSorted()).toEqual([
    UID.ImplicitVRLittleEndian,
    UID.ExplicitVRLittleEndian,
    UID.JPEGBaseline8Bit,
  ]);
  for (const { sopInstanceUid, sha256 } of await f.instances(STUDY)) {
    expect(received.get(sopInstanceUid)!.dataSet.equals(keptDataSet(f.root, sha256))).toBe(true);
  }
});

test('storescp that takes no compressed syntax: the study is held, nothing is re-encoded', async () => {
  await using sink = await StoreScp.start(['+x=']);
  const f = await forwarding({ port: sink.port });
  await f.receive(object(1));
  await f.receive(object(2, { sopClassUid: SC, transferSyntaxUid: UID.JPEGBaseline8Bit }));
  await f.queueAll();
  const job = await f.run(STUDY);
  expect(job).toMatchObject({ state: 'HELD', lastCode: 'CONTEXT_REFUSED' });
  expect(job.lastReason).toContain('the archive takes no Secondary Capture Image Storage in JPEG Baseline');
  expect(sink.received()).toHaveLength(1);
});

test.for([
  [['+xa', '--abort-after'], 'ABORTED', 0],
  [['+xa', '--abort-during'], 'ABORTED', 0],
  [['+xa', '--refuse'], 'REJECTED_PERMANENT', 0],
  // It answers, and then sleeps over the next object.
  [['+xa', '--sleep-after', '20'], 'TIMED_OUT', 1],
] as const)(
  'storescp %s: the study waits, and only what was answered counts as sent',
  async ([options, code, sent]) => {
    await using sink = await StoreScp.start(options);
    const f = await forwarding({ port: sink.port, response: 700 });
    await study(f, 2);
    expect(await f.run(STUDY)).toMatchObject({ state: 'RETRY_WAIT', resumeState: 'QUEUED', lastCode: code });
    const states = (await f.instances(STUDY)).map(({ state, status }) => [state, status]);
    expect(states).toEqual([0, 1].map((at) => (at < sent ? ['SENT', 0] : ['PENDING', null])));
  },
);
