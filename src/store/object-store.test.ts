import { randomBytes } from 'node:crypto';
import { mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { filesBelow, keep, objectFile, openStore, sha256, SPOOL_LIMITS } from '../../test/support/store-tree.ts';
import { tempDir } from '../../test/support/temp-dir.ts';
import type { TempDir } from '../../test/support/temp-dir.ts';
import { MEMORY_LIMITS } from './memory-budget.ts';
import type { ObjectStore } from './object-store.ts';

let dir: TempDir;
beforeEach(async () => {
  dir = await tempDir();
});
afterEach(() => dir[Symbol.asyncDispose]());

const META = Buffer.from('meta');
const kept = (): string[] => filesBelow(dir.path).filter((path) => path !== 'unclean');

describe.each([
  ['straight to its name', MEMORY_LIMITS],
  ['through a spool file', SPOOL_LIMITS],
])('an object that goes %s', (_, limits) => {
  let store: ObjectStore;
  beforeEach(async () => {
    store = await openStore(dir.path, { limits });
  });
  afterEach(() => store.close(false));
  const body = randomBytes(50_000);
  const name = sha256(META, body);

  test('lies below its hash, byte for byte, and nothing else is left', async () => {
    const sealed = await keep(store, META, body);
    expect(sealed).toMatchObject({ sha256: name, size: 50_004, existed: false });
    expect(kept()).toEqual([objectFile(name)]);
    expect(readFileSync(dir.file(objectFile(name)))).toEqual(Buffer.concat([META, body]));
    expect(store.bufferedBytes).toBe(0);
  });

  test('can be opened, verified and removed', async () => {
    await keep(store, META, body);
    const object = await store.open(name);
    expect(object.size).toBe(50_004);
    await object.close();
    expect((await store.stat(name))?.size).toBe(50_004);
    expect(await store.verify(name, 50_004)).toBeUndefined();
    expect(await store.confirm(name, 50_004)).toBeUndefined();
    expect(await store.verify(name, 50_005)).toMatchObject({ code: 'OBJECT_CORRUPT' });
    expect(await store.remove(name, async () => true)).toBe('named');
    expect(await store.remove(name, async () => false)).toBe('removed');
    expect(await store.remove(name, async () => false)).toBe('missing');
    expect(await store.verify(name, 50_004)).toMatchObject({ code: 'OBJECT_MISSING' });
    await expect(store.open(name)).rejects.toMatchObject({ code: 'OBJECT_MISSING' });
  });

  test('sent again is one file', async () => {
    await keep(store, META, body);
    expect(await keep(store, META, body)).toMatchObject({ sha256: name, existed: true });
    expect(kept()).toEqual([objectFile(name)]);
  });

  test('sent by several at once is one file, and each is told when it is durable', async () => {
    const sealed = await Promise.all(Array.from({ length: 5 }, () => keep(store, META, body)));
    expect(sealed.filter(({ existed }) => !existed)).toHaveLength(1);
    expect(kept()).toEqual([objectFile(name)]);
  });

  test.each([
    ['torn', Buffer.concat([META, body.subarray(0, 4096)])],
    ['of the right size with other bytes', Buffer.alloc(50_004)],
    ['empty', Buffer.alloc(0)],
  ])('replaces what a crash left under its name, %s', async (_what, torn) => {
    mkdirSync(dirname(dir.file(objectFile(name))), { recursive: true });
    writeFileSync(dir.file(objectFile(name)), torn);
    expect(await keep(store, META, body)).toMatchObject({ existed: true });
    expect(await store.verify(name, 50_004)).toBeUndefined();
    expect(kept()).toEqual([objectFile(name)]);
  });

  test('never goes through a symbolic link', async () => {
    mkdirSync(dirname(dir.file(objectFile(name))), { recursive: true });
    writeFileSync(dir.file('elsewhere'), 'x');
    symlinkSync(dir.file('elsewhere'), dir.file(objectFile(name)));
    await expect(keep(store, META, body)).rejects.toMatchObject({ code: 'STORE_IO' });
    expect(readFileSync(dir.file('elsewhere'), 'latin1')).toBe('x');
  });

  test('given up leaves nothing', async () => {
    const reception = store.receive(META);
    for (let i = 0; i < 20; i += 1) reception.write(randomBytes(50_000));
    await reception.abort();
    expect(kept()).toEqual([]);
    expect(store.bufferedBytes).toBe(0);
  });

  test('has the hash of its bytes however they are cut', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.oneof(fc.integer({ min: 0, max: 20 }), fc.integer({ min: 0, max: 70_000 })), { maxLength: 40 }),
        async (lengths) => {
          const chunks = lengths.map((length) => randomBytes(length));
          const sealed = await keep(store, META, ...chunks);
          expect(sealed.sha256).toBe(sha256(META, ...chunks));
          expect(readFileSync(dir.file(objectFile(sealed.sha256)))).toEqual(Buffer.concat([META, ...chunks]));
        },
      ),
      { numRuns: 40 },
    );
  });
});

test('a name that is no hash never reaches a path', async () => {
  const store = await openStore(dir.path);
  for (const name of ['../../../../etc/passwd', 'AB'.repeat(32), '', 'a'.repeat(63)]) {
    await expect(store.open(name)).rejects.toMatchObject({ code: 'OBJECT_NAME_INVALID' });
  }
  await store.close(true);
});

test('only an orderly stop of a node leaves nothing to recover', async () => {
  const first = await openStore(dir.path, { clock: () => 5_000_000 });
  expect(first.strayableSince).toBeUndefined();
  await first.close(true);
  const second = await openStore(dir.path, { clock: () => 6_000_000 });
  expect(second.strayableSince).toBeUndefined();
  await second.close(false);
  const third = await openStore(dir.path, { clock: () => 9_000_000 });
  expect(third.strayableSince).toBe(6_000_000 - 600_000);
  await third.recovered();
  await third.close(false);
  const fourth = await openStore(dir.path);
  expect(fourth.strayableSince).toBe(9_000_000 - 600_000);
  await fourth.close(true);
});

test('an import beside a node leaves its spool and its mark alone', async () => {
  const node = await openStore(dir.path, { limits: SPOOL_LIMITS });
  const reception = node.receive(META);
  const body = randomBytes(600_000);
  reception.write(body);
  const guest = await openStore(dir.path, { role: 'import' });
  await keep(guest, META, randomBytes(10));
  await guest.close(true);
  expect(filesBelow(dir.path)).toContain('unclean');
  const sealed = await reception.seal();
  await sealed.durable;
  await sealed.done();
  expect(await node.verify(sha256(META, body), 600_004)).toBeUndefined();
  await node.close(true);
});

test('an import that is cut short is recovered from, however the node beside it stops', async () => {
  const node = await openStore(dir.path, { clock: () => 5_000_000 });
  const guest = await openStore(dir.path, { role: 'import', clock: () => 6_000_000 });
  await keep(guest, META, randomBytes(10));
  await guest.close(false);
  await node.close(true);
  const second = await openStore(dir.path, { clock: () => 7_000_000 });
  expect(second.strayableSince).toBe(6_000_000 - 600_000);
  // Another import, that ends well, does not make up for it.
  await (await openStore(dir.path, { role: 'import' })).close(true);
  await second.close(true);
  const third = await openStore(dir.path);
  expect(third.strayableSince).toBe(6_000_000 - 600_000);
  await third.recovered();
  await (await openStore(dir.path, { role: 'import' })).close(true);
  await third.close(true);
  expect((await openStore(dir.path)).strayableSince).toBeUndefined();
});

test('the mark waits for what is being published', async () => {
  let time = 1_000_000;
  const store = await openStore(dir.path, { clock: () => time });
  const reception = store.receive(META);
  time = 2_000_000;
  const sealed = await reception.seal();
  time = 3_000_000;
  await store.advanceMark();
  expect(Number(readFileSync(dir.file('unclean'), 'latin1'))).toBe(2_000_000);
  await sealed.durable;
  await sealed.done();
  await store.advanceMark();
  expect(Number(readFileSync(dir.file('unclean'), 'latin1'))).toBe(3_000_000);
  await store.close(true);
});

test('all directories can be made ahead, and the run can be stopped', async () => {
  const store = await openStore(dir.path);
  const stop = new AbortController();
  stop.abort();
  expect(await store.prepareDirectories(stop.signal)).toBe(0);
  await store.close(true);
});
