import { randomBytes } from 'node:crypto';
import { readFileSync, renameSync, writeFileSync } from 'node:fs';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { hookedFs, systemError } from '../../test/support/hooked-fs.ts';
import type { FsHook } from '../../test/support/hooked-fs.ts';
import { filesBelow, keep, objectFile, openStore, sha256, SPOOL_LIMITS } from '../../test/support/store-tree.ts';
import { tempDir } from '../../test/support/temp-dir.ts';
import type { TempDir } from '../../test/support/temp-dir.ts';
import { MEMORY_LIMITS } from './memory-budget.ts';
import type { ObjectStore } from './object-store.ts';
import type { QuarantineEntry } from './quarantine.ts';
import { StoreError } from './store-errors.ts';

let dir: TempDir;
let time = Date.UTC(2026, 10, 22, 8);
let hook: FsHook = () => undefined;
const fs = hookedFs((operation, argument) => hook(operation, argument));
beforeEach(async () => {
  dir = await tempDir();
  hook = () => undefined;
});
afterEach(() => dir[Symbol.asyncDispose]());

const META = Buffer.from('meta');
const body = randomBytes(40_000);
const name = sha256(META, body);
const reason = { code: 'HEADER_UNREADABLE', text: 'not a data set', facts: { callingAET: 'CT1' } };
const kept = (): string[] => filesBelow(dir.path).filter((path) => path !== 'unclean');

async function quarantine(store: ObjectStore): Promise<string> {
  const reception = store.receive(META);
  reception.write(body);
  return reception.quarantine(reason);
}

async function entries(store: ObjectStore): Promise<QuarantineEntry[]> {
  const all: QuarantineEntry[] = [];
  for await (const entry of store.quarantine.list()) all.push(entry);
  return all;
}

test.each([MEMORY_LIMITS, SPOOL_LIMITS])('keeps the bytes and why, and can tell both', async (limits) => {
  const store = await openStore(dir.path, { limits, clock: () => time });
  const path = await quarantine(store);
  expect(kept()).toEqual([`quarantine/2026/${name}.dcm`, `quarantine/2026/${name}.json`]);
  expect(readFileSync(path)).toEqual(Buffer.concat([META, body]));
  const at = '2026-11-22T08:00:00.000Z';
  const entry = { ...reason, sha256: name, size: 40_004, firstReceivedAt: at, lastReceivedAt: at, times: 1, path };
  expect(await entries(store)).toEqual([entry]);
  expect(await store.quarantine.show(name)).toEqual(entry);
  expect(await store.quarantine.show('0'.repeat(64))).toBeUndefined();
  await store.close(true);
});

test('the same bytes again are one file, counted', async () => {
  const store = await openStore(dir.path, { clock: () => (time += 1000) });
  await quarantine(store);
  await quarantine(store);
  const [entry, ...more] = await entries(store);
  expect(more).toEqual([]);
  expect(entry).toMatchObject({ times: 2 });
  expect(entry!.lastReceivedAt > entry!.firstReceivedAt).toBe(true);
  await store.close(true);
});

test('a damaged sidecar does not hide the object', async () => {
  const store = await openStore(dir.path, { clock: () => time });
  await quarantine(store);
  writeFileSync(dir.file(`quarantine/2026/${name}.json`), '{"sha256":');
  expect(await entries(store)).toMatchObject([{ sha256: name, size: 40_004, code: 'QUARANTINE_REASON_UNKNOWN' }]);
  await store.close(true);
});

test('resolves only when all is on the disk: any sync that fails is fatal', async () => {
  for (let nth = 1; ; nth += 1) {
    const fatal: Error[] = [];
    const store = await openStore(dir.path, { fs, clock: () => time, onFatal: (error) => fatal.push(error) });
    let syncs = 0;
    hook = (operation) => {
      if ((operation === 'fsync' || operation === 'fdatasync') && (syncs += 1) === nth) throw systemError('EIO');
    };
    const outcome = await quarantine(store).catch((error: unknown) => error);
    hook = () => undefined;
    await store.close(false);
    if (syncs < nth) {
      // File, sidecar, their folder, the quarantine and the root.
      expect(syncs).toBe(5);
      return;
    }
    expect(outcome).toMatchObject({ code: 'STORE_SYNC_FAILED' });
    expect(fatal).toHaveLength(1);
  }
});

test('a full disk leaves nothing in the spool', async () => {
  const store = await openStore(dir.path, { fs, clock: () => time });
  hook = (operation) => {
    if (operation === 'writeAll') throw systemError('ENOSPC');
  };
  await expect(quarantine(store)).rejects.toMatchObject({ code: 'STORE_DISK_FULL' });
  expect(kept()).toEqual([]);
  await store.close(true);
});

test.each([
  ['link', 'ENOSPC'],
  ['mkdir', 'ENOSPC'],
  ['fdatasync', 'EIO'],
  ['rename', 'EIO'],
  ['fsync', 'EIO'],
  ['unlink', 'EIO'],
] as const)('an object that cannot be set aside stays in the tree: %s failing with %s', async (failing, errno) => {
  const store = await openStore(dir.path, { fs, clock: () => time, onFatal: () => undefined });
  await keep(store, META, body);
  hook = (operation) => {
    if (operation === failing) throw systemError(errno);
  };
  await expect(store.setAside(name, reason)).rejects.toBeInstanceOf(StoreError);
  hook = () => undefined;
  expect(await store.verify(name, 40_004)).toBeUndefined();
  await store.close(false);
});

test('a whole file that has taken the place of a torn one meanwhile stays', async () => {
  const store = await openStore(dir.path, { fs, clock: () => time });
  await keep(store, META, body);
  writeFileSync(dir.file(objectFile(name)), 'torn');
  hook = (operation) => {
    if (operation !== 'rename') return;
    hook = () => undefined;
    writeFileSync(dir.file('whole'), Buffer.concat([META, body]));
    renameSync(dir.file('whole'), dir.file(objectFile(name)));
  };
  await store.setAside(name, { ...reason, code: 'OBJECT_CORRUPT' });
  expect(await store.verify(name, 40_004)).toBeUndefined();
  expect(await entries(store)).toMatchObject([{ sha256: name, size: 4 }]);
  await store.close(true);
});

test('a damaged object of the tree can be set aside', async () => {
  const store = await openStore(dir.path, { clock: () => time });
  await keep(store, META, body);
  writeFileSync(dir.file(objectFile(name)), 'torn');
  await store.setAside(name, { ...reason, code: 'OBJECT_CORRUPT' });
  expect(await store.stat(name)).toBeUndefined();
  expect(await entries(store)).toMatchObject([{ sha256: name, size: 4, code: 'OBJECT_CORRUPT' }]);
  await store.close(true);
});
