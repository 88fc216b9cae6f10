import { describe, expect, test } from 'vitest';
import { CommitmentScu } from '../support/commitment-scu.ts';
import { echoscu, findscu, movescu, storescu } from '../support/dcmtk.ts';
import { deriveStudy } from '../support/derive-sample.ts';
import { runProcess, succeeded } from '../support/run-process.ts';
import { LocalSim, SimProcess } from '../support/sim-archive.ts';
import { StoreScp } from '../support/storescp.ts';
import { tempDir } from '../support/temp-dir.ts';
import { rejectionNote, sendObjects, testObject } from '../support/test-objects.ts';
import type { TestObject } from '../support/test-objects.ts';
import { getStudies } from '../support/retrieve-client.ts';

const CT = '1.2.840.10008.5.1.4.1.1.2';
const TS = '1.2.840.10008.1.2.1';
const objects = (count: number, study = '2.25.1') =>
  Array.from({ length: count }, (_, i) => testObject({ study, sop: `${study}.1.${i + 1}` }));
const referencesOf = (list: ReturnType<typeof objects>) =>
  list.map(({ sopClassUid, sopInstanceUid }) => ({ sopClassUid, sopInstanceUid }));

describe('a simulated archive', () => {
  test('answers statuses and ends associations where the script says', async () => {
    await using sim = await LocalSim.start([
      'store nth=2 status=A700',
      'store nth=4 status=B000 comment=coerced',
      'store nth=6 abort=during',
      'store nth=7 abort=before-response',
    ]);
    const list = objects(5);
    expect(await sendObjects(sim.peer('A'), list)).toEqual([0, 0xa700, 0, 0xb000, 0]);
    expect(await sendObjects(sim.peer('A'), objects(1, '2.25.2'))).toEqual([-1]);
    expect(await sendObjects(sim.peer('A'), objects(1, '2.25.3'))).toEqual([-1]);
    expect(sim.told('store').map(({ kept }) => kept)).toEqual(['new', 'no', 'new', 'new', 'new', 'new']);
    expect(sim.told('abort')).toMatchObject([{ sopInstance: '2.25.2.1.1' }]);
    // What was kept without an answer is no loss, and comes again as the same.
    expect(sim.archive.objects.get('2.25.3.1.1')?.bytes).toBeGreaterThan(0);
    expect(await sendObjects(sim.peer('A'), objects(1, '2.25.3'))).toEqual([0]);
    expect(sim.told('store').at(-1)).toMatchObject({ kept: 'same' });
  });

  test('refuses associations, and is full until it is told otherwise', async () => {
    await using sim = await LocalSim.start(['associate nth=1 refuse=congestion']);
    await expect(sendObjects(sim.peer('A'), objects(1))).rejects.toThrow(/reject/i);
    sim.archive.setFull(true);
    expect(await sendObjects(sim.peer('A'), objects(2))).toEqual([0xa700, 0xa700]);
    sim.archive.setFull(false);
    expect(await sendObjects(sim.peer('A'), objects(2))).toEqual([0, 0]);
  });

  test('commits on either association, late, never, twice, in part or under a foreign transaction', async () => {
    const scu = new CommitmentScu();
    const port = await scu.listen();
    await using _ = scu;
    await using sim = await LocalSim.start(
      [
        'commitment nth=2 via=new',
        'commitment nth=3 fail=1 reason=0110 forget',
        'commitment nth=4 answer=twice',
        'commitment nth=5 transaction=foreign via=new',
        'commitment nth=6 answer=never',
        'commitment nth=7 status=0110',
      ],
      { SCU: { host: '127.0.0.1', port, tls: false } },
    );
    const peer = sim.peer('SCU');
    const list = objects(2);
    await sendObjects(peer, list);
    await scu.request(peer, '2.25.901', referencesOf(list), 'stay');
    expect(await scu.report('2.25.901')).toMatchObject({ eventTypeID: 1, onNewAssociation: false });
    await scu.request(peer, '2.25.902', referencesOf(list), 'leave');
    expect(await scu.report('2.25.902')).toMatchObject({ eventTypeID: 1, onNewAssociation: true });
    await scu.request(peer, '2.25.903', referencesOf(list), 'stay');
    expect(await scu.report('2.25.903')).toMatchObject({
      eventTypeID: 2,
      committed: ['2.25.1.1.2'],
      failed: { '2.25.1.1.1': 0x0110 },
    });
    await scu.request(peer, '2.25.904', referencesOf(list), 'stay');
    // The one that was forgotten is missing now.
    expect((await scu.report('2.25.904')).failed).toEqual({ '2.25.1.1.1': 0x0112 });
    await scu.request(peer, '2.25.905', referencesOf(list), 'leave');
    await scu.request(peer, '2.25.906', referencesOf(list), 'leave');
    expect(await scu.request(peer, '2.25.907', referencesOf(list), 'leave')).toBe(0x0110);
    await expect.poll(() => sim.told('commitment-report').length).toBe(6);
    const transactions = sim.told('commitment-report').map(({ transaction }) => transaction);
    expect(transactions).toContain('2.25.904');
    expect(transactions).not.toContain('2.25.905');
    expect(transactions).not.toContain('2.25.906');
  });

  test('answers rejection notes as dcm4chee does, and shows again what had expired', async () => {
    await using sim = await LocalSim.start();
    const list = objects(2);
    const note = (n: number, code: string, named = list.slice(0, 1)) => rejectionNote(`2.25.1.8.${n}`, code, named);
    const send = (...sent: TestObject[]) => sendObjects(sim.peer('A'), sent);
    expect(await send(note(1, '113037')), 'names what is not there').toEqual([0xa772]);
    expect(await send(...list, note(1, '113037'))).toEqual([0, 0, 0]);
    expect(sim.told('store').at(-1)).toMatchObject({ title: '113037', references: 1, missing: 0, kept: 'new' });
    expect(await send(note(1, '113037'), note(2, '113001')), 'again').toEqual([0xa770, 0xa774]);
    expect(await send(...list), 'what was rejected for good').toEqual([0xa771, 0]);
    expect(await send(note(3, '113039', list.slice(1)))).toEqual([0]);
    const shown = () => [...sim.archive.objects.visible()].map(({ sopInstanceUid }) => sopInstanceUid);
    expect(shown()).not.toContain(list[1]!.sopInstanceUid);
    expect(await send(list[1]!)).toEqual([0]);
    expect(shown()).toContain(list[1]!.sopInstanceUid);
  });

  test('as a command: DCMTK stores, finds and moves; what it kept in a folder survives kill -9', async () => {
    await using dir = await tempDir();
    await using scp = await StoreScp.start();
    const files = await deriveStudy(dir, 'test_files/CT_small.dcm', 3);
    await using sim = await SimProcess.start(dir.path, '--keep', dir.file('kept'), '--ae', `SCP=127.0.0.1:${scp.port}`);
    await succeeded(echoscu(sim.peer('A')));
    await succeeded(storescu(sim.peer('A'), files));
    await sim.stop('SIGKILL');
    await sim.start();
    const { matches } = await findscu(sim.peer('A'), 'study', [
      'QueryRetrieveLevel=STUDY',
      'PatientName=CompressedSamples*',
      'NumberOfStudyRelatedInstances',
    ]);
    expect(matches.map((match) => match.get('0020,1208'))).toEqual(['3']);
    const moved = await movescu(sim.peer('A'), 'study', 'SCP', [
      'QueryRetrieveLevel=STUDY',
      'StudyInstanceUID=2.25.77000',
    ]);
    expect(moved).toMatchObject({ status: 0, counters: { completed: 3, failed: 0 } });
    expect(scp.received()).toHaveLength(3);
    const got = await getStudies(sim.peer('A'), ['2.25.77000'], [{ sopClassUid: CT, transferSyntaxUid: TS }]);
    expect(got.received).toHaveLength(3);
    sim.signal('SIGUSR1');
    await expect.poll(() => sim.events().at(-1)).toMatchObject({ event: 'full', full: true });
    expect(await sendObjects(sim.peer('A'), objects(1))).toEqual([0xa700]);
  });

  test.each([
    [['--rule', 'store status=XYZ'], '--rule "store status=XYZ": status is "XYZ": write four hexadecimal digits'],
    [['--rule', 'store refuse=no-reason'], 'unknown key refuse'],
    [['--rule', 'stor'], 'write on: associate, store, commitment, find or retrieve'],
    [['--ae', 'KUVA'], '--ae KUVA: write TITLE=HOST:PORT'],
    [['--tls-cert', 'x'], 'TLS needs all of'],
  ])('a wrong command line: %j', async (args, message) => {
    const { code, stderr } = await runProcess('scripts/kuva', ['sim', 'archive', ...args]);
    expect(code).toBe(2);
    expect(stderr).toContain(message);
  });
});
