import { randomBytes } from 'node:crypto';
import { readdirSync, readlinkSync } from 'node:fs';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { gate, hookedFs, systemError } from '../../test/support/hooked-fs.ts';
import type { FsHook, FsOperation } from '../../test/support/hooked-fs.ts';
import { filesBelow, keep, objectFile, openStore, sha256, SPOOL_LIMITS } from '../../test/support/store-tree.ts';
import { tempDir } from '../../test/support/temp-dir.ts';
import type { TempDir } from '../../test/support/temp-dir.ts';
import { MEMORY_LIMITS } from './memory-budget.ts';
import type { SyncFailedError } from './store-errors.ts';

let dir: TempDir;
let hook: FsHook = () => undefined;
const fs = hookedFs((operation, argument) => hook(operation, argument));
beforeEach(async () => {
  dir = await tempDir();
  hook = () => undefined;
});
afterEach(() => dir[Symbol.asyncDispose]());

const META = Buffer.from('meta');
const body = randomBytes(300_000);
const name = sha256(META, body);
const unnamed = async (): Promise<boolean> => false;
const kept = (): string[] => filesBelow(dir.path).filter((path) => path !== 'unclean');

/** What this process has open below a folder. */
function openBelow(folder: string): string[] {
  return readdirSync('/proc/self/fd').flatMap((fd) => {
    try {
      const path = readlinkSync(`/proc/self/fd/${fd}`);
      return path.startsWith(folder) ? [path] : [];
    } catch {
      return [];
    }
  });
}

/** Whether a promise has settled once everything that can run has run. */
async function settled(promise: Promise<unknown>): Promise<boolean> {
  let done = false;
  const mark = (): void => {
    done = true;
  };
  promise.then(mark, mark);
  for (let turn = 0; turn < 20; turn += 1) await new Promise(setImmediate);
  return done;
}

describe.each([
  ['direct', MEMORY_LIMITS],
  ['spooled', SPOOL_LIMITS],
])('%s', (_, limits) => {
  test.each([
    ['fdatasync', 1],
    ['fsync', 1],
    ['fsync', 2],
  ] as const)(
    'is not durable before %s number %i has returned: file, directory, and the parent of a new directory',
    async (operation, nth) => {
      const store = await openStore(dir.path, { limits, fs });
      const { reached, wait, open } = gate();
      let calls = 0;
      hook = (called) => (called === operation && (calls += 1) === nth ? wait() : undefined);
      const reception = store.receive(META);
      reception.write(body);
      const sealed = await reception.seal();
      await reached;
      expect(kept()).toContain(objectFile(name));
      expect(await settled(sealed.durable)).toBe(false);
      open();
      await sealed.durable;
      await sealed.done();
      await store.close(true);
    },
  );

  test('a second sender of the same bytes waits for the first one to be durable', async () => {
    const store = await openStore(dir.path, { limits, fs });
    const { reached, wait, open } = gate();
    hook = (called) => (called === 'fdatasync' ? wait() : undefined);
    const first = keep(store, META, body);
    await reached;
    const second = keep(store, META, body);
    expect(await settled(second)).toBe(false);
    open();
    expect([(await first).existed, (await second).existed]).toEqual([false, true]);
    await store.close(true);
  });

  test('an object that is there already costs no descriptor', async () => {
    const store = await openStore(dir.path, { limits, fs });
    await keep(store, META, body);
    const before = openBelow(`${dir.path}/objects`);
    for (let times = 0; times < 3; times += 1) expect((await keep(store, META, body)).existed).toBe(true);
    expect(openBelow(`${dir.path}/objects`)).toEqual(before);
    await store.close(true);
  });

  test('a sync that succeeds after another object has failed its own is no longer trusted', async () => {
    const onFatal = vi.fn<(error: SyncFailedError) => void>();
    const store = await openStore(dir.path, { limits, fs, onFatal });
    const { reached, wait, open } = gate();
    hook = (called) => (called === 'fdatasync' ? wait() : undefined);
    const other = keep(store, META, body);
    await reached;
    hook = (called) => {
      if (called === 'fdatasync') throw systemError('EIO');
    };
    await expect(keep(store, META, randomBytes(300_000))).rejects.toMatchObject({ code: 'STORE_SYNC_FAILED' });
    open();
    await expect(other).rejects.toMatchObject({ code: 'STORE_STOPPED' });
    expect(onFatal).toHaveBeenCalledTimes(1);
    await store.close(true);
  });

  test('when the first of two senders fails, the second keeps the object itself', async () => {
    const store = await openStore(dir.path, { limits, fs });
    const claim = limits === SPOOL_LIMITS ? 'link' : 'open';
    const { reached, wait, open } = gate();
    let calls = 0;
    hook = async (called, argument) => {
      if (called !== claim || !String(argument).match(claim === 'open' ? /\.dcm$/ : /spool/)) return;
      if ((calls += 1) > 1) return;
      await wait();
      throw systemError('ENOSPC');
    };
    const first = keep(store, META, body);
    await reached;
    const second = keep(store, META, body);
    expect(await settled(second)).toBe(false);
    open();
    await expect(first).rejects.toMatchObject({ code: 'STORE_DISK_FULL' });
    expect((await second).existed).toBe(false);
    expect(kept()).toEqual([objectFile(name)]);
    await store.close(true);
  });

  test.each(['fdatasync', 'fsync'] as const)(
    'a failed %s is told once, and nothing is acknowledged from then on',
    async (operation) => {
      const onFatal = vi.fn<(error: SyncFailedError) => void>();
      const store = await openStore(dir.path, { limits, fs, onFatal });
      hook = (called) => {
        if (called === operation) throw systemError('EIO');
      };
      const results = await Promise.allSettled([
        keep(store, META, body),
        keep(store, META, body),
        keep(store, META, randomBytes(300_000)),
      ]);
      expect(results.map(({ status }) => status)).toEqual(['rejected', 'rejected', 'rejected']);
      expect(onFatal).toHaveBeenCalledTimes(1);
      expect(onFatal.mock.calls[0]?.[0]).toMatchObject({ code: 'STORE_SYNC_FAILED' });
      hook = () => undefined;
      await expect(keep(store, META, randomBytes(10))).rejects.toMatchObject({ code: 'STORE_STOPPED' });
      await store.close(true);
      expect(filesBelow(dir.path)).toContain('unclean');
    },
  );

  const writes: readonly (readonly [FsOperation, string, string])[] = [
    ['open', 'ENOSPC', 'STORE_DISK_FULL'],
    ['open', 'EMFILE', 'STORE_TOO_MANY_FILES'],
    ['open', 'EACCES', 'STORE_PERMISSION'],
    ['open', 'EROFS', 'STORE_READ_ONLY'],
    ['writeAll', 'ENOSPC', 'STORE_DISK_FULL'],
    ['writeAll', 'EDQUOT', 'STORE_DISK_FULL'],
    ['writeAll', 'EIO', 'STORE_IO'],
    ['mkdir', 'ENOSPC', 'STORE_DISK_FULL'],
    ['link', 'ENOSPC', 'STORE_DISK_FULL'],
    ['link', 'EMLINK', 'STORE_IO'],
  ];
  test.each(writes)(
    '%s failing with %s at each call in turn leaves nothing, and the next try works',
    async (operation, errno, code) => {
      const store = await openStore(dir.path, { limits, fs });
      for (let nth = 1; ; nth += 1) {
        let calls = 0;
        hook = (called) => {
          if (called === operation && (calls += 1) === nth) throw systemError(errno);
        };
        const attempt = await keep(store, META, Buffer.from([nth]), body).catch((error: unknown) => error);
        hook = () => undefined;
        if (calls < nth) break;
        expect(attempt).toMatchObject({ code });
        expect(kept().length).toBe(0);
        expect(store.bufferedBytes).toBe(0);
      }
      await store.remove(kept().map((path) => path.slice(-68, -4))[0] ?? name, unnamed);
      expect(await keep(store, META, body)).toMatchObject({ existed: false });
      await store.close(true);
    },
  );
});

test('a half-written file that another process has replaced meanwhile is not removed', async () => {
  const store = await openStore(dir.path, { fs });
  const other = await openStore(dir.path, { role: 'import' });
  const { reached, wait, open } = gate();
  hook = async (called) => {
    if (called !== 'writeAll') return;
    await wait();
    throw systemError('ENOSPC');
  };
  const first = keep(store, META, body);
  await reached;
  expect(await keep(other, META, body)).toMatchObject({ existed: true });
  open();
  await expect(first).rejects.toMatchObject({ code: 'STORE_DISK_FULL' });
  expect(await other.verify(name, 300_004)).toBeUndefined();
  await store.close(true);
});
