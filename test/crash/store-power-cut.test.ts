import { randomBytes } from 'node:crypto';
import { truncateSync } from 'node:fs';
import { dirname } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { MEMORY_LIMITS } from '../../src/store/memory-budget.ts';
import { PowerCutFs } from '../support/power-cut-fs.ts';
import { objectFile, openStore, sha256, SPOOL_LIMITS } from '../support/store-tree.ts';
import { tempDir } from '../support/temp-dir.ts';
import type { TempDir } from '../support/temp-dir.ts';

let dir: TempDir;
beforeEach(async () => {
  dir = await tempDir();
});
afterEach(() => dir[Symbol.asyncDispose]());

const META = Buffer.from('meta');

describe.each([
  ['direct', MEMORY_LIMITS],
  ['spooled', SPOOL_LIMITS],
])('at the moment of the acknowledgement a power cut takes nothing, %s', (_, limits) => {
  test.each([1, 16])('%i at once, every fifth object sent twice', async (atOnce) => {
    const cut = new PowerCutFs(dir.path);
    const store = await openStore(dir.path, { limits, fs: cut.fs });
    let sent = 0;
    let again = randomBytes(20_000);
    let lost = 0;
    const worker = async (): Promise<void> => {
      while (sent < 150) {
        sent += 1;
        if (sent % 5 !== 0) again = randomBytes(20_000);
        const reception = store.receive(META);
        reception.write(again);
        const sealed = await reception.seal();
        await sealed.durable;
        if (cut.survives(dir.file(objectFile(sealed.sha256))) !== sealed.size) lost += 1;
        await sealed.done();
      }
    };
    await Promise.all(Array.from({ length: atOnce }, worker));
    expect(lost).toBe(0);
    await store.close(true);
  });

  test('also when it replaces what a crash had torn', async () => {
    const cut = new PowerCutFs(dir.path);
    const moved: (number | undefined)[] = [];
    const rename = (from: string, to: string): Promise<void> => {
      moved.push(cut.synced(from));
      return cut.fs.rename(from, to);
    };
    const store = await openStore(dir.path, { limits, fs: { ...cut.fs, rename } });
    const body = randomBytes(20_000);
    for (const expected of [false, true]) {
      const reception = store.receive(META);
      reception.write(body);
      const sealed = await reception.seal();
      await sealed.durable;
      const path = dir.file(objectFile(sealed.sha256));
      expect(sealed.existed).toBe(expected);
      expect(cut.survives(path)).toBe(sealed.size);
      await sealed.done();
      truncateSync(path, 100);
    }
    // What takes the place of a name must be on the disk before it does.
    expect(moved).toEqual([20_004]);
    await store.close(true);
  });

  test('also when somebody else has just made its directory', async () => {
    const cut = new PowerCutFs(dir.path);
    const store = await openStore(dir.path, { limits, fs: cut.fs });
    const body = randomBytes(20_000);
    const path = dir.file(objectFile(sha256(META, body)));
    // What an import does beside a node, or the node itself while it makes all directories ahead: its sync comes later.
    await cut.fs.mkdir(dirname(path));
    const reception = store.receive(META);
    reception.write(body);
    const sealed = await reception.seal();
    await sealed.durable;
    expect(cut.survives(path)).toBe(sealed.size);
    await sealed.done();
    await store.close(true);
  });

  test('and the same for the quarantine', async () => {
    const cut = new PowerCutFs(dir.path);
    const store = await openStore(dir.path, { limits, fs: cut.fs });
    const reception = store.receive(META);
    reception.write(randomBytes(20_000));
    const path = await reception.quarantine({ code: 'X', text: 'x', facts: {} });
    expect(cut.survives(path)).toBe(20_004);
    expect(cut.survives(path.replace('.dcm', '.json'))).toBeGreaterThan(50);
    await store.close(true);
  });
});

test('the model itself loses what is not synced', async () => {
  const cut = new PowerCutFs(dir.path);
  const store = await openStore(dir.path, { fs: { ...cut.fs, fdatasync: async () => undefined } });
  const reception = store.receive(META);
  const sealed = await reception.seal();
  await sealed.durable;
  expect(cut.survives(dir.file(objectFile(sealed.sha256)))).toBe(0);
  await sealed.done();
  await store.close(true);
  const second = new PowerCutFs(dir.path);
  const unsynced = await openStore(dir.path, { fs: { ...second.fs, fsync: async () => undefined } });
  const other = unsynced.receive(Buffer.from('other'));
  const lost = await other.seal();
  await lost.durable;
  expect(second.survives(dir.file(objectFile(lost.sha256)))).toBeUndefined();
  await lost.done();
  await unsynced.close(true);
});
