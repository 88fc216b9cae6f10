import { createHash, randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { gate, hookedFs, systemError } from '../../test/support/hooked-fs.ts';
import type { FsHook } from '../../test/support/hooked-fs.ts';
import { keep, openStore } from '../../test/support/store-tree.ts';
import { tempDir } from '../../test/support/temp-dir.ts';
import type { TempDir } from '../../test/support/temp-dir.ts';
import type { BlockPool } from './block-pool.ts';
import { StreamDigests } from './digest/stream-digests.ts';
import { FreeSpace } from './free-space.ts';
import { MEMORY_LIMITS, MemoryBudget } from './memory-budget.ts';
import { Reception } from './reception.ts';

const MIB = 1024 * 1024;
const META = Buffer.from('meta');
const block = Buffer.alloc(64 * 1024, 7);

let dir: TempDir;
let hook: FsHook = () => undefined;
const fs = hookedFs((operation, argument) => hook(operation, argument));
beforeEach(async () => {
  dir = await tempDir();
  hook = () => undefined;
});
afterEach(() => dir[Symbol.asyncDispose]());

test('a slow disk pauses the sender at 4 MiB and lets it go on at 2', async () => {
  const store = await openStore(dir.path, { fs });
  const { reached, wait, open } = gate();
  hook = (operation) => (operation === 'writeAll' ? wait() : undefined);
  const reception = store.receive(META);
  let sent = META.length;
  while (reception.write(block)) sent += block.length;
  await reached;
  expect(sent).toBeGreaterThan(4 * MIB - 2 * block.length);
  expect(sent).toBeLessThanOrEqual(4 * MIB);
  open();
  await reception.drained();
  expect(store.bufferedBytes).toBeLessThanOrEqual(2 * MIB);
  await reception.abort();
  await store.close(true);
});

test('a hundred receptions on a slow disk stay within the total, and all of them end', async () => {
  const limits = { ...MEMORY_LIMITS, direct: MIB / 4, directTotal: 2 * MIB, total: 4 * MIB };
  const store = await openStore(dir.path, { fs, limits });
  let peak = 0;
  hook = async (operation) => {
    if (operation === 'writeAll') await new Promise(setImmediate);
    peak = Math.max(peak, store.bufferedBytes);
  };
  const one = async (id: number): Promise<void> => {
    const reception = store.receive(Buffer.from(`${id}`));
    for (let i = 0; i < 12; i += 1) {
      const paused = !reception.write(Buffer.from(block));
      peak = Math.max(peak, store.bufferedBytes);
      if (paused) await reception.drained();
      else await new Promise(setImmediate);
    }
    const sealed = await reception.seal();
    await sealed.durable;
    await sealed.done();
  };
  await Promise.all(Array.from({ length: 100 }, (_, id) => one(id)));
  // Each of the hundred may bring one block more than the total allows before it is paused.
  expect(peak).toBeLessThanOrEqual(4 * MIB + 100 * block.length);
  expect(store.bufferedBytes).toBe(0);
  await store.close(true);
});

test('senders that stall with small objects in memory do not stop the others', async () => {
  const limits = { ...MEMORY_LIMITS, direct: MIB, directTotal: MIB, total: MIB };
  const store = await openStore(dir.path, { limits });
  const stalled = Array.from({ length: 40 }, () => store.receive(META));
  for (const reception of stalled) reception.write(Buffer.from(block));
  await keep(store, META, ...Array.from({ length: 100 }, () => Buffer.from(block)));
  for (const reception of stalled) await reception.abort();
  expect(store.bufferedBytes).toBe(0);
  await store.close(true);
});

test('when the disk fills on the way, the rest is taken and the reason told at the end', async () => {
  const store = await openStore(dir.path, { fs });
  hook = (operation) => {
    if (operation === 'writeAll') throw systemError('ENOSPC');
  };
  const reception = store.receive(META);
  for (let i = 0; i < 200; i += 1) {
    if (!reception.write(Buffer.from(block))) await reception.drained();
  }
  expect(store.bufferedBytes).toBe(0);
  await expect(reception.seal()).rejects.toMatchObject({ code: 'STORE_DISK_FULL' });
  expect(reception.bytes).toBe(META.length + 200 * block.length);
  hook = () => undefined;
  await keep(store, META, block);
  await store.close(true);
});

test('an object is ended once', async () => {
  const store = await openStore(dir.path);
  const reception = store.receive(META);
  const sealed = await reception.seal();
  await expect(reception.seal()).rejects.toMatchObject({ code: 'RECEPTION_ENDED' });
  expect(() => reception.write(block)).toThrow(expect.objectContaining({ code: 'RECEPTION_ENDED' }));
  await sealed.durable;
  await sealed.done();
  await reception.abort();
  await store.close(true);
});

test('an abort while a block is being written waits for it and leaves no spool file', async () => {
  const store = await openStore(dir.path, { fs });
  const { reached, wait, open } = gate();
  hook = (operation) => (operation === 'writeAll' ? wait() : undefined);
  const reception = store.receive(META);
  for (let i = 0; i < 32; i += 1) reception.write(Buffer.from(block));
  await reached;
  const aborted = reception.abort();
  open();
  await aborted;
  expect(await store.quarantine.show('a'.repeat(64))).toBeUndefined();
  expect(store.bufferedBytes).toBe(0);
  await store.close(true);
});

/** How many blocks a pool has at hand. */
function atHand(pool: BlockPool): number {
  const taken = [pool.take()];
  while (taken.at(-1)?.buffer === taken[0]?.buffer) taken.push(pool.take());
  pool.give(taken);
  return taken.length - 1;
}

test.each([
  ['small one that is given up', 3, undefined, 'RECEPTION_ABORTED'],
  ['large one that is given up', 40, undefined, 'RECEPTION_ABORTED'],
  ['large one for which the disk is full', 40, 'writeAll', 'STORE_DISK_FULL'],
  ['small one for which too little is left', 3, 'statfs', 'STORE_IO'],
] as const)('the memory of a %s is used again', async (_, blocks, failing, code) => {
  hook = (operation) => {
    if (operation === failing) throw systemError(failing === 'statfs' ? 'EIO' : 'ENOSPC');
  };
  const budget = new MemoryBudget(MEMORY_LIMITS);
  const before = atHand(budget.pool);
  const space = new FreeSpace(fs, dir.path, 0, () => 0);
  await using digests = new StreamDigests(budget.pool.memory);
  const reception = new Reception({
    digests,
    fs,
    spoolPath: dir.file('spool'),
    budget,
    space,
    publications: undefined as never,
    quarantine: undefined as never,
    onFatal: () => undefined,
    onEnd: () => undefined,
  });
  for (let i = 0; i < blocks; i += 1) {
    if (!reception.write(block)) await reception.drained();
  }
  if (code === 'RECEPTION_ABORTED') await reception.abort();
  else await expect(reception.seal()).rejects.toMatchObject({ code });
  expect(atHand(budget.pool)).toBe(before);
  expect(budget.used).toBe(0);
});

test.each([true, false])(
  'a large object is named by the hash of what its file has, on the thread: %s',
  async (started) => {
    const budget = new MemoryBudget(MEMORY_LIMITS);
    await using digests = new StreamDigests(budget.pool.memory);
    if (started) await digests.start();
    const published: [sha256: string, size: number][] = [];
    const publish = async (sha256: string, size: number, content: { release(): Promise<void> }) => {
      published.push([sha256, size]);
      expect(readFileSync(dir.file('spool'))).toEqual(bytes);
      await content.release();
    };
    const reception = new Reception({
      fs,
      spoolPath: dir.file('spool'),
      budget,
      digests,
      space: new FreeSpace(fs, dir.path, 0, () => 0),
      publications: { publish } as never,
      quarantine: undefined as never,
      onFatal: () => undefined,
      onEnd: () => undefined,
    });
    const bytes = randomBytes(9 * MIB + 5001);
    for (let at = 0; at < bytes.length; at += 100_003) {
      if (!reception.write(bytes.subarray(at, at + 100_003))) await reception.drained();
    }
    await reception.seal();
    expect(published).toEqual([[createHash('sha256').update(bytes).digest('hex'), bytes.length]]);
  },
);
