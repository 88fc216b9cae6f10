import { randomBytes } from 'node:crypto';
import { mkdirSync, readFileSync, truncateSync, unlinkSync, utimesSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { filesBelow, keep, objectFile, openStore, sha256 } from '../test/support/store-tree.ts';
import { tempDir } from '../test/support/temp-dir.ts';
import type { TempDir } from '../test/support/temp-dir.ts';
import { recover } from './recovery.ts';
import type { RecoveryIndex } from './recovery.ts';
import type { DropResult, Suspect } from './index/index-types.ts';
import type { ObjectStore } from './store/object-store.ts';

const META = Buffer.from('meta');
let dir: TempDir;
beforeEach(async () => {
  dir = await tempDir();
});
afterEach(() => dir[Symbol.asyncDispose]());

/** Rows by instance id; those in `durable` are no suspects. */
function indexOf(rows: Map<number, Suspect>, orphans: DropResult['orphans'] = []) {
  const durable = new Set<number>();
  const index: RecoveryIndex = {
    suspects: async () => [...rows.values()].filter(({ instanceId }) => !durable.has(instanceId)),
    dropInstance: async (instanceId) => ({ dropped: rows.delete(instanceId), orphans }),
    markDurable: (instanceId) => void durable.add(instanceId),
    indexedObjects: async (names) =>
      new Set([...rows.values()].map((row) => row.sha256).filter((name) => names.includes(name))),
  };
  return { index, durable };
}

/** A store in which some objects were kept when the process ended without an orderly stop, and the rows for them. */
async function afterCrash(count: number): Promise<{ store: ObjectStore; rows: Map<number, Suspect> }> {
  const before = await openStore(dir.path);
  const rows = new Map<number, Suspect>();
  for (let id = 1; id <= count; id += 1) {
    const { sha256: name, size } = await keep(before, META, randomBytes(5000));
    rows.set(id, { instanceId: id, sha256: name, size });
  }
  await before.close(false);
  return { store: await openStore(dir.path), rows };
}
const path = (rows: Map<number, Suspect>, id: number): string => dir.file(objectFile(rows.get(id)!.sha256));
const kept = (): string[] => filesBelow(dir.path).filter((name) => name !== 'unclean');
const adopt = (): Promise<void> => Promise.resolve();

test('whole objects stay and are durable; missing and torn ones lose their rows, damaged bytes are set aside', async () => {
  const { store, rows } = await afterCrash(5);
  const names = new Map([...rows].map(([id, row]) => [id, row.sha256]));
  unlinkSync(path(rows, 2));
  truncateSync(path(rows, 3), 0);
  truncateSync(path(rows, 4), 4096);
  const bytes = readFileSync(path(rows, 5));
  bytes[100]! ^= 1;
  writeFileSync(path(rows, 5), bytes);
  const { index, durable } = indexOf(rows);
  const report = await recover({ store, index, adopt });
  expect(report).toMatchObject({ verified: 1, strays: 0, straysLeft: false, adopted: 0 });
  expect([...report.dropped].toSorted((a, b) => a.instanceId - b.instanceId)).toEqual([
    { instanceId: 2, sha256: names.get(2), code: 'OBJECT_MISSING', setAside: null },
    { instanceId: 3, sha256: names.get(3), code: 'OBJECT_CORRUPT', setAside: null },
    {
      instanceId: 4,
      sha256: names.get(4),
      code: 'OBJECT_CORRUPT',
      setAside: expect.stringContaining('quarantine') as string,
    },
    {
      instanceId: 5,
      sha256: names.get(5),
      code: 'OBJECT_CORRUPT',
      setAside: expect.stringContaining('quarantine') as string,
    },
  ]);
  expect([...rows.keys()]).toEqual([1]);
  expect([...durable]).toEqual([1]);
  expect(kept().filter((name) => name.startsWith('objects/'))).toEqual([objectFile(names.get(1)!)]);
  await store.close(true);
});

test('files without a row and spool files are removed, files that are not ours are left', async () => {
  const { store: first, rows } = await afterCrash(2);
  await first.close(false);
  const stray = sha256(Buffer.from('stray'));
  mkdirSync(dirname(dir.file(objectFile(stray))), { recursive: true });
  writeFileSync(dir.file(objectFile(stray)), 'torn');
  writeFileSync(dir.file(`${dirname(objectFile(stray))}/notes.txt`), 'mine');
  writeFileSync(dir.file('spool/999-1'), 'half');
  const store = await openStore(dir.path);
  const report = await recover({ store, index: indexOf(rows).index, adopt });
  expect(report).toMatchObject({ verified: 2, strays: 1 });
  expect(kept().toSorted()).toEqual(
    [...[...rows.values()].map((row) => objectFile(row.sha256)), `${dirname(objectFile(stray))}/notes.txt`].toSorted(),
  );
  await store.close(true);
});

test('directories that have not changed since the mark are not read', async () => {
  const { store, rows } = await afterCrash(2);
  const long = new Date(Date.now() - 3600_000);
  const name = rows.get(1)!.sha256;
  utimesSync(dirname(path(rows, 1)), long, long);
  rows.clear();
  const report = await recover({ store, index: indexOf(rows).index, adopt });
  expect(report.strays).toBe(1);
  expect(await store.stat(name)).toBeDefined();
  await store.close(true);
});

test('an index that knows nothing of a full tree removes nothing, and is asked again at the next start', async () => {
  const { store } = await afterCrash(4);
  const { index } = indexOf(new Map());
  expect(await recover({ store, index, adopt, maxStrays: 3 })).toMatchObject({ strays: 4, straysLeft: true });
  expect(kept()).toHaveLength(4);
  await store.close(true);
  const again = await openStore(dir.path);
  expect(await recover({ store: again, index, adopt, maxStrays: 3 })).toMatchObject({ strays: 4, straysLeft: true });
  await again.close(true);
});

test('after an orderly stop there is nothing to look at', async () => {
  const first = await openStore(dir.path);
  await keep(first, META);
  await first.close(true);
  const store = await openStore(dir.path);
  expect(await recover({ store, index: indexOf(new Map()).index, adopt })).toMatchObject({ verified: 0, strays: 0 });
  expect(kept()).toHaveLength(1);
  await store.close(true);
});

test('bytes kept as a conflict of a dropped instance are adopted', async () => {
  const { store, rows } = await afterCrash(2);
  const orphan = rows.get(2)!;
  unlinkSync(path(rows, 1));
  const adopted = vi.fn<(sha256: string, size: number) => Promise<void>>().mockResolvedValue();
  const { index } = indexOf(rows, [{ sha256: orphan.sha256, size: orphan.size }]);
  expect(await recover({ store, index, adopt: adopted })).toMatchObject({ adopted: 1 });
  expect(adopted.mock.calls).toEqual([[orphan.sha256, orphan.size]]);
  await store.close(true);
});
