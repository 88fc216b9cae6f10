import { expect, test } from 'vitest';
import { DEFAULT_ASSOCIATION_TIMEOUTS } from '../../src/dimse/association-limits.ts';
import { Archives } from '../../src/egress/archive/archives.ts';
import { Reconciler } from '../../src/egress/reconcile/reconciler.ts';
import { createPeerConnector } from '../../src/services/peer-connector.ts';
import { readRule } from '../../src/sim/sim-script.ts';
import { forwarding } from '../support/forwarding.ts';

const STUDY = '2.25.900';
const EVERYTHING = { before: Number.MAX_SAFE_INTEGER, studyUid: null, limit: 1000 };

async function archived(count: number) {
  const f = await forwarding();
  for (let n = 1; n <= count; n++)
    await f.receive({ study: STUDY, series: `${STUDY}.${n % 2}`, sop: `${STUDY}.1.${n}` });
  await f.queueAll();
  expect(await f.run(STUDY)).toMatchObject({ state: 'ARCHIVED' });
  const destinations = [{ name: 'national', aeTitle: 'ARCHIVE', host: '127.0.0.1', port: f.port, tls: false }];
  const connect = createPeerConnector({
    maxPduLength: 131_072,
    timeouts: DEFAULT_ASSOCIATION_TIMEOUTS,
    tls: undefined,
    events: {},
  });
  const reconciler = new Reconciler({
    index: f.index,
    archives: new Archives({ egress: { destinations }, node: { aeTitle: 'KUVA' } }, connect),
    now: f.now,
    tell: () => undefined,
  });
  const ask = (run: Partial<typeof EVERYTHING> = {}) =>
    reconciler.run({ ...EVERYTHING, ...run }, new AbortController().signal);
  return { ...f, ask };
}

test('what the archive has lost goes again, alone; then it is whole', async () => {
  const f = await archived(4);
  expect(await f.ask()).toEqual({ studies: 1, whole: 1, again: 0, lost: 0, notAsked: 0 });
  f.archive.objects.forget(`${STUDY}.1.3`);
  expect(await f.ask()).toEqual({ studies: 1, whole: 0, again: 1, lost: 0, notAsked: 0 });
  // On its way: not asked about, not sent twice.
  expect(await f.ask()).toMatchObject({ studies: 0 });
  await f.queueAll();
  expect(await f.run(STUDY)).toMatchObject({ version: 2, state: 'ARCHIVED' });
  expect((await f.instances(STUDY)).map(({ sopInstanceUid, sends }) => [sopInstanceUid, sends])).toEqual([
    [`${STUDY}.1.3`, 1],
  ]);
  expect(f.told('store').filter(({ sopInstance }) => sopInstance === `${STUDY}.1.3`)).toHaveLength(2);
  expect(await f.ask()).toMatchObject({ studies: 1, whole: 1 });
  expect(await f.index.read('reconcileSummaries')).toMatchObject([{ destination: 'national', studies: 1, whole: 1 }]);
});

test('a study of which the first version never went is asked about as well', async () => {
  const f = await forwarding();
  const receive = (sop: string) => f.receive({ study: STUDY, series: `${STUDY}.1`, sop });
  await receive(`${STUDY}.1.1`);
  f.db.exec(`INSERT INTO rejection (sop_instance_uid, note_uid, study_instance_uid, code, later, noted_at)
    SELECT sop_instance_uid, x'ff', x'ff', '113038', 'refuse', 0 FROM instance`);
  await f.queueAll();
  expect(await f.latest(STUDY)).toMatchObject({ state: 'WITHDRAWN' });
  for (const n of [2, 3]) {
    await receive(`${STUDY}.1.${n}`);
    await f.queueAll();
    expect(await f.run(STUDY)).toMatchObject({ version: n, state: 'ARCHIVED' });
  }
  const asked = await f.index.read('reconcilable', 0, Number.MAX_SAFE_INTEGER, null, 10);
  expect(asked.map(({ instances }) => instances.map(({ sopInstanceUid }) => sopInstanceUid))).toEqual([
    [`${STUDY}.1.2`, `${STUDY}.1.3`],
  ]);
});

test('once in a while only; an archive that does not answer is no archive that lacks something', async () => {
  const f = await archived(1);
  await f.ask();
  expect(await f.ask({ before: f.now() })).toMatchObject({ studies: 0 });
  f.pass(86_400_000);
  f.archive.rules.replace({ full: false, rules: [readRule('find status=A700')] });
  expect(await f.ask({ before: f.now() })).toMatchObject({ studies: 1, again: 0, notAsked: 1 });
  expect(await f.index.read('reconcileOdd', 10)).toMatchObject([{ studyInstanceUid: STUDY, missing: 0 }]);
  expect((await f.latest(STUDY)).version).toBe(1);
});
