import { existsSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { archiveInDatabase, takeMarks } from '../support/archived-study.ts';
import { CommitmentScu } from '../support/commitment-scu.ts';
import { findscu, movescu } from '../support/dcmtk.ts';
import { freePort } from '../support/free-port.ts';
import { NodeProcess } from '../support/node-process.ts';
import { getStudies } from '../support/retrieve-client.ts';
import { LocalSim } from '../support/sim-archive.ts';
import { storedObject } from '../support/stored-objects.ts';
import { StoreScp } from '../support/storescp.ts';
import { sendObjects, testObject } from '../support/test-objects.ts';

const CT = { sopClassUid: '1.2.840.10008.5.1.4.1.1.2', transferSyntaxUid: '1.2.840.10008.1.2.1' };
const objects = (study: string) =>
  [1, 2, 3].map((i) => testObject({ study, sop: `${study}.1.${i}`, series: `${study}.${i < 3 ? 1 : 2}` }));
const STUDIES = ['2.25.1', '2.25.2', '2.25.3', '2.25.4', '2.25.5'];

interface Outcome {
  readonly studyInstanceUid: string;
  readonly result: string;
  readonly reasons: readonly { readonly code: string }[];
}

let archive: LocalSim;
let node: NodeProcess;
let scp: StoreScp;

beforeAll(async () => {
  const port = await freePort();
  scp = await StoreScp.start();
  archive = await LocalSim.start([], { KUVA: { host: '127.0.0.1', port, tls: false } });
  node = await NodeProcess.start({
    // Without C-GET the archive stores here, as any other AE.
    aes: [
      { aet: 'SCP', port: scp.port },
      { aet: 'ARCHIVE', port: archive.port },
    ],
    sections: {
      dicom: { host: '127.0.0.1', port },
      egress: {
        destination: { aeTitle: 'ARCHIVE', host: '127.0.0.1', port: archive.port, tls: false },
        supervise: false,
        evictAfter: '30d',
      },
      retrieve: { pendingInterval: '100ms' },
    },
  });
  for (const study of STUDIES) await sendObjects(node.peer('A'), objects(study));
  for (const study of STUDIES) await sendObjects(archive.peer('KUVA'), objects(study));
  await node.stop();
  archiveInDatabase(node.storageRoot, '2.25.1', 40);
  archiveInDatabase(node.storageRoot, '2.25.2', 40);
  archiveInDatabase(node.storageRoot, '2.25.3', 10);
  archiveInDatabase(node.storageRoot, '2.25.4', 40, false);
  archive.archive.objects.forget('2.25.2.1.3');
  await node.start();
}, 180_000);
afterAll(async () => {
  await node?.[Symbol.asyncDispose]();
  await archive?.[Symbol.asyncDispose]();
  await scp?.[Symbol.asyncDispose]();
});

async function evict(...args: string[]): Promise<Record<string, string>> {
  const { stdout } = await node.kuva('evict', '--json', ...args);
  const lines = stdout.split('\n').filter((line) => line !== '');
  return Object.fromEntries(
    lines.map((line) => {
      const { studyInstanceUid, result, reasons } = JSON.parse(line) as Outcome;
      return [studyInstanceUid, [result, ...reasons.map(({ code }) => code)].join(' ')];
    }),
  );
}

const fileOf = (sop: string): string => storedObject(node.storageRoot, sop);
const availability = async (study: string): Promise<(string | undefined)[]> => {
  const { matches } = await findscu(node.peer('A'), 'study', ['QueryRetrieveLevel=STUDY', `StudyInstanceUID=${study}`]);
  return matches.map((match) => match.get('0008,0056'));
};

describe('eviction', () => {
  test('says what may go and why the others stay, and does nothing', async () => {
    expect(await evict()).toEqual({
      '2.25.1': 'would-go',
      '2.25.2': 'stays NOT_IN_ARCHIVE',
      '2.25.3': 'stays TOO_YOUNG TOO_YOUNG',
      '2.25.4': 'stays NOT_COMMITTED',
      '2.25.5': expect.stringContaining('NOT_QUEUED') as string,
    });
    expect(existsSync(fileOf('2.25.1.1.1'))).toBe(true);
    expect(await availability('2.25.1')).toEqual(['ONLINE']);
  });

  test('frees the files; the study stays in C-FIND, and what reads the tree knows of it', async () => {
    const path = fileOf('2.25.1.1.1');
    expect(await evict('--yes')).toMatchObject({ '2.25.1': 'evicted', '2.25.2': 'stays NOT_IN_ARCHIVE' });
    expect(existsSync(path)).toBe(false);
    expect(await availability('2.25.1')).toEqual(['NEARLINE']);
    expect(await availability('2.25.2')).toEqual(['ONLINE']);
    expect((await evict())['2.25.1']).toBe('gone');
    const verified = await node.kuva('verify', '--json');
    expect(verified.code).toBe(0);
    expect(JSON.parse(verified.stdout)).toMatchObject({ objects: 12, evicted: 3, damaged: 0, unindexed: 0 });
    const scu = new CommitmentScu();
    const instance = { sopClassUid: CT.sopClassUid, sopInstanceUid: '2.25.1.1.1' };
    await scu.request(node.peer('A'), '2.25.700', [instance], 'stay');
    expect(await scu.report('2.25.700')).toMatchObject({ eventTypeID: 1, committed: ['2.25.1.1.1'] });
    const exported = await node.kuva('export', '2.25.1', '/tmp/never-made');
    expect(exported.output).toContain('kuva recall 2.25.1');
  });

  test('survives kill -9 and a reindex', async () => {
    await node.kill();
    await node.start();
    expect(await availability('2.25.1')).toEqual(['NEARLINE']);
    await node.stop();
    const reindexed = await node.kuva('reindex', '--json');
    expect(JSON.parse(reindexed.stdout)).toMatchObject({ indexed: 12, evicted: 3, damaged: 0 });
    takeMarks(node.storageRoot);
    await node.start();
    expect(await availability('2.25.1')).toEqual(['NEARLINE']);
  });
});

describe('recall', () => {
  test('a C-MOVE brings it back from the archive, with pending responses meanwhile', async () => {
    archive.follow('retrieve times=1 delay=500ms');
    const moved = await movescu(node.peer('A'), 'study', 'SCP', [
      'QueryRetrieveLevel=STUDY',
      'StudyInstanceUID=2.25.1',
    ]);
    expect(moved).toMatchObject({ status: 0, counters: { completed: 3, failed: 0 } });
    expect(moved.result.output.match(/DIMSE Status\s*: 0xff00/g)?.length).toBeGreaterThan(1);
    expect(
      scp
        .received()
        .map(({ sopInstanceUid }) => sopInstanceUid)
        .toSorted(),
    ).toEqual(objects('2.25.1').map(({ sopInstanceUid }) => sopInstanceUid));
    expect(existsSync(fileOf('2.25.1.1.1'))).toBe(true);
    expect(await availability('2.25.1')).toEqual(['ONLINE']);
    expect(JSON.parse((await node.kuva('verify', '--json')).stdout)).toMatchObject({ evicted: 0, damaged: 0 });
  });

  test('other bytes are not taken for the ones that went', async () => {
    expect(await evict('--yes', '--study', '2.25.1')).toEqual({ '2.25.1': 'evicted' });
    archive.follow('retrieve alter');
    const got = await getStudies(node.peer('A'), ['2.25.1'], [CT]);
    expect(got.received).toHaveLength(0);
    expect(got.responses.at(-1)).toMatchObject({ status: { code: 0xa702 }, failed: 3 });
    expect(await availability('2.25.1')).toEqual(['NEARLINE']);
  });

  test('without C-GET the archive moves it to the node', async () => {
    archive.follow('associate without=get');
    const got = await getStudies(node.peer('A'), ['2.25.1'], [CT]);
    expect(got.received.map(({ dataSet }) => dataSet)).toEqual(objects('2.25.1').map(({ dataSet }) => dataSet));
    const moves = archive.told('retrieve').filter(({ destination }) => destination === 'KUVA');
    expect(moves.map(({ instances }) => instances).toSorted()).toEqual([1, 2]);
  });

  test('with the archive away the requester is told, and nothing is lost', async () => {
    // The conflicts that the archive's other bytes left keep the study here.
    expect(await evict('--yes', '--study', '2.25.1')).toEqual({ '2.25.1': 'stays CONFLICTS' });
    archiveInDatabase(node.storageRoot, '2.25.5', 40);
    expect(await evict('--yes', '--study', '2.25.5')).toEqual({ '2.25.5': 'evicted' });
    archive.follow('associate refuse=congestion');
    expect((await getStudies(node.peer('A'), ['2.25.5'], [CT])).responses.at(-1)).toMatchObject({ failed: 3 });
    archive.follow();
    expect((await node.kuva('recall', '2.25.5')).code).toBe(0);
    expect(await availability('2.25.5')).toEqual(['ONLINE']);
  });
});
