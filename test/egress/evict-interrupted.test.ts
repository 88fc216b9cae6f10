import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { DEFAULT_ASSOCIATION_TIMEOUTS } from '../../src/dimse/association-limits.ts';
import { Archives } from '../../src/egress/archive/archives.ts';
import { Evictor } from '../../src/egress/evict/evictor.ts';
import { createPeerConnector } from '../../src/services/peer-connector.ts';
import { evictedObjects } from '../../src/transfer/evicted-objects.ts';
import { StoredObjects } from '../../src/transfer/stored-objects.ts';
import { forwarding } from '../support/forwarding.ts';

const STUDY = '2.25.900';

async function archived() {
  const f = await forwarding();
  for (let n = 1; n <= 3; n++) await f.receive({ study: STUDY, series: `${STUDY}.1`, sop: `${STUDY}.1.${n}` });
  await f.queueAll();
  expect(await f.run(STUDY)).toMatchObject({ state: 'ARCHIVED' });
  const stored = new StoredObjects({ objects: join(f.root, 'objects') });
  const usual = evictedObjects(stored);
  const timeouts = DEFAULT_ASSOCIATION_TIMEOUTS;
  const connect = createPeerConnector({ maxPduLength: 131_072, timeouts, tls: undefined, events: {} });
  const destinations = [{ name: 'national', aeTitle: 'ARCHIVE', host: '127.0.0.1', port: f.port, tls: false }];
  const archives = new Archives({ egress: { destinations }, node: { aeTitle: 'KUVA' } }, connect);
  const evictor = (objects = usual) => new Evictor({ index: f.index, objects, archives, audited: async () => [] });
  const files = (await f.instances(STUDY)).map(({ sha256 }) => stored.pathOf(sha256));
  return { ...f, usual, evictor, there: () => files.filter((path) => existsSync(path)).length };
}

const policy = { now: Date.UTC(2030, 0, 1), minimumAge: 0, destinations: ['national'] };
const never = new AbortController().signal;

test('an interruption between the rows and the files leaves files that the next run removes', async () => {
  const f = await archived();
  const facts = (await f.index.read('evictionFacts', STUDY))!;
  let removed = 0;
  const failing = {
    ...f.usual,
    remove: (sha256: string) => {
      removed += 1;
      return removed > 1 ? Promise.reject(new Error('interrupted')) : f.usual.remove(sha256);
    },
  };
  await using first = f.evictor(failing);
  expect(await first.evict(facts, policy, true, never)).toMatchObject({
    result: 'evicted',
    reasons: [{ code: 'FILES_LEFT' }],
  });
  expect(f.there()).toBe(2);
  expect((await f.index.read('evictionFacts', STUDY))?.evicted).toBe(3);
  await using second = f.evictor();
  expect(await second.finish()).toBe(2);
  expect([f.there(), await second.finish()]).toEqual([0, 0]);
});

test('an object that came after the archive was asked keeps the study here', async () => {
  const f = await archived();
  const facts = (await f.index.read('evictionFacts', STUDY))!;
  const late = {
    ...f.usual,
    describe: async (instance: Parameters<typeof f.usual.describe>[0]) => {
      if (instance.sopInstanceUid.endsWith('.1.3'))
        await f.receive({ study: STUDY, series: `${STUDY}.1`, sop: `${STUDY}.1.4` });
      return f.usual.describe(instance);
    },
  };
  await using evictor = f.evictor(late);
  expect(await evictor.evict(facts, policy, true, never)).toMatchObject({
    result: 'stays',
    reasons: [{ code: 'EVICTION_REFUSED' }],
  });
  expect(f.there()).toBe(3);
  expect((await f.index.read('evictionFacts', STUDY))?.evicted).toBe(0);
});
