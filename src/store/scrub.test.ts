import { randomBytes } from 'node:crypto';
import { truncateSync, unlinkSync, writeFileSync } from 'node:fs';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { keep, objectFile, openStore } from '../../test/support/store-tree.ts';
import { tempDir } from '../../test/support/temp-dir.ts';
import type { TempDir } from '../../test/support/temp-dir.ts';
import type { ObjectStore } from './object-store.ts';
import { scrub } from './scrub.ts';
import type { ScrubFault } from './scrub.ts';

let dir: TempDir;
let store: ObjectStore;
beforeEach(async () => {
  dir = await tempDir();
  store = await openStore(dir.path);
});
afterEach(async () => {
  await store.close(true);
  await dir[Symbol.asyncDispose]();
});

const run = { atOnce: 3, onProgress: () => undefined, onFault: () => undefined, signal: new AbortController().signal };

test('reads everything again and names what is not whole', async () => {
  const objects = [];
  for (let i = 0; i < 6; i += 1)
    objects.push(await keep(store, Buffer.from('meta'), randomBytes(i === 0 ? 3_000_000 : 1000)));
  truncateSync(dir.file(objectFile(objects[1]!.sha256)), 10);
  writeFileSync(dir.file(objectFile(objects[2]!.sha256)), Buffer.alloc(1004));
  unlinkSync(dir.file(objectFile(objects[3]!.sha256)));
  const faults: ScrubFault[] = [];
  const bytes: number[] = [];
  const result = await scrub({
    ...run,
    store,
    objects,
    onFault: (fault) => faults.push(fault),
    onProgress: (p) => bytes.push(p.bytes),
  });
  expect(result).toMatchObject({ objects: 6, faults: 3 });
  expect(new Map(faults.map(({ sha256, code }) => [sha256, code]))).toEqual(
    new Map([
      [objects[1]!.sha256, 'OBJECT_CORRUPT'],
      [objects[2]!.sha256, 'OBJECT_CORRUPT'],
      [objects[3]!.sha256, 'OBJECT_MISSING'],
    ]),
  );
  expect(bytes.length).toBeGreaterThan(6);
  expect(bytes.at(-1)).toBe(result.bytes);
});

test('stops when told to', async () => {
  const object = await keep(store, Buffer.from('meta'), randomBytes(5_000_000));
  const stop = new AbortController();
  const onProgress = (): void => stop.abort(new Error('enough'));
  await expect(scrub({ ...run, store, objects: [object, object], onProgress, signal: stop.signal })).rejects.toThrow(
    'enough',
  );
});
