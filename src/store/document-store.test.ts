import { createHash } from 'node:crypto';
import { mkdirSync, mkdtempSync, readdirSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { DocumentStore } from './document-store.ts';
import { SyncFailedError } from './store-errors.ts';
import { nodeStoreFs } from './store-fs.ts';
import type { StoreFs } from './store-fs.ts';

const BYTES = Buffer.from('<a/>');
const SHA256 = createHash('sha256').update(BYTES).digest('hex');

function root(): string {
  const folder = mkdtempSync(join(tmpdir(), 'kuva-document-store-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  return join(folder, 'documents');
}

const failing = (error: NodeJS.ErrnoException) => () => Promise.reject(error);
const eio = Object.assign(new Error('EIO'), { code: 'EIO' });

test.for(['fdatasync', 'fsync'] as const)(
  'a %s that fails is told as fatal: the document is not kept',
  async (call) => {
    const path = root();
    await DocumentStore.open(path);
    let armed = false;
    const fs: StoreFs = { ...nodeStoreFs, [call]: (fd: number) => (armed ? failing(eio)() : nodeStoreFs[call](fd)) };
    const store = await DocumentStore.open(path, fs);
    armed = true;
    await expect(store.keep(BYTES)).rejects.toBeInstanceOf(SyncFailedError);
  },
);

test('the file is synced before it has its name, its directory afterwards', async () => {
  const calls: string[] = [];
  const traced = <K extends 'fdatasync' | 'fsync' | 'link'>(name: K): StoreFs[K] =>
    ((...args: Parameters<StoreFs[K]>) => {
      calls.push(name);
      return (nodeStoreFs[name] as (...args: unknown[]) => Promise<void>)(...args);
    }) as StoreFs[K];
  const store = await DocumentStore.open(root(), {
    ...nodeStoreFs,
    fdatasync: traced('fdatasync'),
    fsync: traced('fsync'),
    link: traced('link'),
  });
  await store.keep(Buffer.from('warm up the directory'));
  calls.length = 0;
  expect(await store.keep(BYTES)).toEqual({ sha256: SHA256, existed: false });
  const named = calls.lastIndexOf('link');
  expect(calls.indexOf('fdatasync')).toBeLessThan(named);
  expect(calls.slice(named)).toContain('fsync');
  expect(await store.keep(BYTES)).toEqual({ sha256: SHA256, existed: true });
});

test('a full disk leaves nothing behind; what a crash left is removed when it is old', async () => {
  const path = root();
  const full = Object.assign(new Error('full'), { code: 'ENOSPC' });
  const store = await DocumentStore.open(path, { ...nodeStoreFs, writeAll: failing(full) });
  await expect(store.keep(BYTES)).rejects.toMatchObject({ code: 'STORE_DISK_FULL' });
  expect(readdirSync(join(path, 'tmp'))).toEqual([]);
  mkdirSync(join(path, 'tmp'), { recursive: true });
  for (const name of ['old', 'new']) writeFileSync(join(path, 'tmp', name), '');
  utimesSync(join(path, 'tmp/old'), 1, 1);
  await DocumentStore.open(path);
  expect(readdirSync(join(path, 'tmp'))).toEqual(['new']);
});
