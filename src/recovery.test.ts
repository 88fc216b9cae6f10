import { randomBytes } from 'node:crypto';
import { mkdirSync, readFileSync, truncateSync, unlinkSync, utimesSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { hookedFs, systemError } from '../test/support/hooked-fs.ts';
import { filesBelow, keep, objectFile, openStore, sha256 } from '../test/support/store-tree.ts';
import { tempDir } from '../test/support/temp-dir.ts';
import type { TempDir } from '../test/support/temp-dir.ts';
import { recover } from './recovery.ts';
import { KuvaError } from './core/errors.ts';
import { IndexError } from './index/index-errors.ts';
import type { ConflictRow, Suspect } from './index/index-types.ts';
import type { Provenance, RecoveryIndex } from './recovery/recovery-types.ts';
import type { ObjectStore } from './store/object-store.ts';

const META = Buffer.from('meta');
let dir: TempDir;
beforeEach(async () => {
  dir = await tempDir();
});
afterEach(() => dir[Symbol.asyncDispose]());

/** Rows by instance id; those in `durable` are no suspects. */
function indexOf(rows: Map<number, Suspect>, conflicts: readonly ConflictRow[] = []) {
  const durable = new Set<number>();
  const index: RecoveryIndex = {
    suspects: async () => [...rows.values()].filter(({ instanceId }) => !durable.has(instanceId)),
    dropInstance: async (instanceId) => ({ dropped: rows.delete(instanceId), orphans: [] }),
    markDurable: (instanceId) => void durable.add(instanceId),
    indexedObjects: async (names) =>
      new Set([...rows.values()].map((row) => row.sha256).filter((name) => names.includes(name))),
    unservedConflicts: async () => conflicts,
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
const adopt = vi.fn<(sha256: string, size: number, known: Provenance) => Promise<void>>();
beforeEach(() => void adopt.mockReset().mockResolvedValue());

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

test('spool files are removed, files that are not ours are left', async () => {
  const { store: first, rows } = await afterCrash(2);
  await first.close(false);
  const stray = sha256(Buffer.from('stray'));
  mkdirSync(dirname(dir.file(objectFile(stray))), { recursive: true });
  writeFileSync(dir.file(objectFile(stray)), '');
  writeFileSync(dir.file(`${dirname(objectFile(stray))}/notes.txt`), 'mine');
  writeFileSync(dir.file('spool/999-1'), 'half');
  const store = await openStore(dir.path);
  const report = await recover({ store, index: indexOf(rows).index, adopt });
  expect(report).toMatchObject({ verified: 2, strays: 1, straysLeft: false, adopted: 0 });
  expect(kept().toSorted()).toEqual(
    [...[...rows.values()].map((row) => objectFile(row.sha256)), `${dirname(objectFile(stray))}/notes.txt`].toSorted(),
  );
  await store.close(true);
});

test('a part of the tree that cannot be read is told of, drops nothing, and is looked at again', async () => {
  const { store: first, rows } = await afterCrash(3);
  await first.close(false);
  const [suspect, hidden, stray] = [...rows.values()];
  const failing = new Set([suspect, hidden].map((row) => dirname(dir.file(objectFile(row!.sha256)))));
  const fs = hookedFs((operation, argument) => {
    const at = String(argument);
    if (operation === 'readdir' && failing.has(at)) throw systemError('EIO');
    if (operation === 'open' && at.endsWith(objectFile(suspect!.sha256))) throw systemError('EIO');
  });
  rows.delete(2);
  rows.delete(3);
  const { index } = indexOf(rows);
  const store = await openStore(dir.path, { fs });
  const report = await recover({ store, index, adopt });
  expect(report).toMatchObject({ verified: 0, dropped: [], strays: 1, adopted: 1, straysLeft: false });
  expect(report.left).toEqual([{ sha256: suspect!.sha256, code: 'STORE_IO' }]);
  expect(new Set(report.unreadable.map(({ path: at, code }) => `${code} ${at}`))).toEqual(
    new Set([...failing].map((at) => `STORE_IO ${at}`)),
  );
  expect(adopt.mock.calls.map(([name]) => name)).toEqual([stray!.sha256]);
  await store.close(true);

  rows.set(3, stray!);
  const again = await openStore(dir.path);
  expect(await recover({ store: again, index, adopt })).toMatchObject({ verified: 2, adopted: 1, unreadable: [] });
  expect(adopt.mock.calls.at(-1)?.[0]).toBe(hidden!.sha256);
  await again.close(true);
  expect((await openStore(dir.path)).strayableSince).toBeUndefined();
});

test('no bytes are removed because the index has lost rows: whole files are indexed, others are set aside', async () => {
  const { store, rows } = await afterCrash(4);
  const [whole, torn, strange, unreadable] = [...rows.values()];
  truncateSync(path(rows, 2), 4096);
  rows.clear();
  adopt.mockImplementation(async (name) => {
    if (name === strange?.sha256) throw new KuvaError('NOT_DICOM', 'x');
    if (name === unreadable?.sha256) throw new TypeError('a bug');
  });
  const report = await recover({ store, index: indexOf(rows).index, adopt });
  expect(report).toMatchObject({ strays: 4, adopted: 1, straysLeft: true });
  expect(report.left).toEqual([{ sha256: unreadable?.sha256, code: 'UNKNOWN' }]);
  expect(adopt.mock.calls.map(([name, size]) => [name, size])).toContainEqual([whole?.sha256, whole?.size]);
  expect(adopt.mock.calls.map(([name]) => name)).not.toContain(torn?.sha256);
  expect(kept().filter((name) => name.startsWith('objects/'))).toEqual(
    [whole, unreadable].map((row) => objectFile(row!.sha256)).toSorted(),
  );
  expect(await store.quarantine.show(torn!.sha256)).toMatchObject({ code: 'OBJECT_CORRUPT' });
  expect(await store.quarantine.show(strange!.sha256)).toMatchObject({ code: 'NOT_DICOM', size: strange!.size });
  await store.close(true);
  expect((await openStore(dir.path)).strayableSince).toBeDefined();
});

test('an index that fails stops recovery', async () => {
  const { store, rows } = await afterCrash(1);
  rows.clear();
  adopt.mockRejectedValue(new IndexError('INDEX_FATAL', 'x'));
  await expect(recover({ store, index: indexOf(rows).index, adopt })).rejects.toMatchObject({ code: 'INDEX_FATAL' });
  expect(kept()).toHaveLength(1);
  await store.close(false);
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

test('files that have not changed since the mark are no strays, whatever came beside them', async () => {
  const later = Date.now() + 3600_000;
  const first = await openStore(dir.path, { clock: () => later });
  const { sha256: name } = await keep(first, META, randomBytes(5000));
  await first.close(false);
  utimesSync(dirname(dir.file(objectFile(name))), new Date(later), new Date(later));
  const store = await openStore(dir.path);
  expect(await recover({ store, index: indexOf(new Map()).index, adopt })).toMatchObject({ strays: 0 });
  expect(await store.stat(name)).toBeDefined();
  await store.close(true);
});

test('an index that knows nothing of a full tree changes nothing, and is asked again at the next start', async () => {
  const { store } = await afterCrash(4);
  const { index } = indexOf(new Map());
  expect(await recover({ store, index, adopt, maxStrays: 3 })).toMatchObject({ strays: 4, straysLeft: true });
  expect(kept()).toHaveLength(4);
  expect(adopt).not.toHaveBeenCalled();
  await store.close(true);
  const again = await openStore(dir.path);
  expect(await recover({ store: again, index, adopt, maxStrays: 3 })).toMatchObject({ strays: 4, straysLeft: true });
  await again.close(true);
});

test('a suspect that cannot be read stays one, and keeps no node from starting', async () => {
  const { store: first, rows } = await afterCrash(2);
  await first.close(false);
  const fs = hookedFs((operation, argument) => {
    if (operation === 'open' && String(argument).includes(rows.get(1)!.sha256)) throw systemError('EIO');
  });
  const store = await openStore(dir.path, { fs });
  const { index, durable } = indexOf(rows);
  expect(await recover({ store, index, adopt })).toMatchObject({
    verified: 1,
    dropped: [],
    left: [{ sha256: rows.get(1)!.sha256, code: 'STORE_IO' }],
    straysLeft: false,
  });
  expect([[...rows.keys()], [...durable]]).toEqual([[1, 2], [2]]);
  await store.close(true);
});

test('a sync that fails stops recovery', async () => {
  const { store: first, rows } = await afterCrash(2);
  await first.close(false);
  const fs = hookedFs((operation) => {
    if (operation === 'fdatasync') throw systemError('EIO');
  });
  const store = await openStore(dir.path, { fs, onFatal: () => undefined });
  await expect(recover({ store, index: indexOf(rows).index, adopt })).rejects.toMatchObject({
    code: 'STORE_SYNC_FAILED',
  });
  await store.close(false);
});

test('beside an import nothing is dropped, moved or removed, and the next start looks again', async () => {
  const { store: first, rows } = await afterCrash(3);
  await first.close(false);
  truncateSync(path(rows, 2), 4096);
  const torn = rows.get(2)!;
  rows.delete(3);
  writeFileSync(dir.file('spool/999-1'), 'under way');
  const before = kept();
  const store = await openStore(dir.path);
  const report = await recover({ store, index: indexOf(rows).index, adopt, alone: false });
  expect(report).toMatchObject({ verified: 1, dropped: [], strays: 0, adopted: 0 });
  expect(report.left).toEqual([{ sha256: torn.sha256, code: 'OBJECT_CORRUPT' }]);
  expect(kept()).toEqual(before);
  expect([...rows.keys()]).toEqual([1, 2]);
  await store.close(true);
  const next = await openStore(dir.path);
  expect(await recover({ store: next, index: indexOf(rows).index, adopt })).toMatchObject({ strays: 1, adopted: 1 });
  await next.close(true);
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

test('of the conflicts of an instance that is gone, the oldest whole one is indexed, as it was received', async () => {
  const { store, rows } = await afterCrash(4);
  const conflictOf = (id: number, sopInstanceUid: string): ConflictRow => ({
    ...rows.get(id)!,
    conflictId: id,
    sopInstanceUid,
    studyInstanceUid: '1.2',
    seriesInstanceUid: '1.2.1',
    receivedAt: 1000 * id,
    callingAET: `CT${id}`,
    organisation: 'HUS',
    duplicates: 0,
    served: undefined,
  });
  unlinkSync(path(rows, 1));
  unlinkSync(path(rows, 4));
  const conflicts = [conflictOf(1, '1.5'), conflictOf(2, '1.5'), conflictOf(3, '1.5'), conflictOf(4, '1.6')];
  const [gone, second, , alsoGone] = conflicts;
  const { index } = indexOf(rows, conflicts);
  index.suspects = async () => [];
  const report = await recover({ store, index, adopt });
  expect(report).toMatchObject({ adopted: 1, dropped: [] });
  expect(report.left).toEqual([gone, alsoGone].map((row) => ({ sha256: row!.sha256, code: 'OBJECT_MISSING' })));
  const known = { callingAET: 'CT2', organisation: 'HUS', receivedAt: 2000 };
  expect(adopt.mock.calls).toEqual([[second!.sha256, second!.size, known]]);
  await store.close(true);
});
