import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readFileSync, readdirSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir, uptime } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { waitFor } from '../../test/support/wait-for.ts';
import { ownHolder } from './lock-holder.ts';
import { StorageInUseError, StorageLock, awaitSignOfLife, lockHolder } from './storage-lock.ts';

let folder: string;
let path: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'kuva-lock-'));
  path = join(folder, 'node.lock');
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

function leave(holder: object): void {
  writeFileSync(path, JSON.stringify({ ...ownHolder('node'), processStart: '', ...holder }));
}

test('a second owner is refused, naming the first; after release it may', () => {
  const lock = StorageLock.acquire(path, 'node');
  expect(() => StorageLock.acquire(path, 'import')).toThrow(StorageInUseError);
  expect(() => StorageLock.acquire(path, 'import')).toThrow(new RegExp(`in use by kuva start \\(pid ${process.pid} `));
  expect(lockHolder(path)).toMatchObject({ pid: process.pid, purpose: 'node' });
  lock.release();
  expect(existsSync(path)).toBe(false);
  StorageLock.acquire(path, 'import').release();
  expect(readdirSync(folder)).toEqual([]);
});

test('the lock of a process that is gone is replaced', async () => {
  const gone = spawn(process.execPath, ['-e', '']);
  await once(gone, 'exit');
  leave({ pid: gone.pid });
  expect(lockHolder(path)).toBeUndefined();
  StorageLock.acquire(path, 'node').release();
});

test('a holder that has ended and whose parent has not asked for its status is gone', async () => {
  // The shell starts a child and then becomes a program that never waits for it.
  const parent = spawn('sh', ['-c', 'sleep 0.2 & echo $!; exec sleep 60'], { stdio: ['ignore', 'pipe', 'ignore'] });
  const [line] = (await once(parent.stdout, 'data')) as [Buffer];
  const pid = Number(line.toString());
  await waitFor('the child to end', () => /\) Z /.test(readFileSync(`/proc/${pid}/stat`, 'utf8')));
  leave({ pid });
  expect(lockHolder(path)).toBeUndefined();
  StorageLock.acquire(path, 'node').release();
  parent.kill();
});

test('a pid that another process has now is not the holder', () => {
  leave({ processStart: '1' });
  expect(lockHolder(path)).toBeUndefined();
  StorageLock.acquire(path, 'node').release();
});

test('a holder on another host counts as long as it touches its file', () => {
  leave({ host: 'other.example', pid: 1 });
  expect(() => StorageLock.acquire(path, 'node')).toThrow(/on other\.example/);
  const old = new Date(Date.now() - 120_000);
  utimesSync(path, old, old);
  StorageLock.acquire(path, 'node').release();
});

test('an unreadable lock file, as a crash may leave it, is replaced', () => {
  writeFileSync(path, '');
  const lock = StorageLock.acquire(path, 'node');
  expect(lockHolder(path)?.pid).toBe(process.pid);
  lock.release();
});

test('release leaves a lock alone that is no longer its own', () => {
  const lock = StorageLock.acquire(path, 'node');
  leave({ pid: 1, host: 'other.example' });
  lock.release();
  expect(existsSync(path)).toBe(true);
});

const canUnshare = (() => {
  try {
    execFileSync('unshare', ['--pid', '--fork', '--mount-proc', 'true'], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
})();

test.skipIf(!canUnshare)('a holder in another container of the same host name is not taken for gone', async () => {
  // Its pid is 1 there, and another process or none here.
  const script = `import { StorageLock } from ${JSON.stringify(join(import.meta.dirname, 'storage-lock.ts'))};
    StorageLock.acquire(${JSON.stringify(path)}, 'node'); console.log('held'); setInterval(() => {}, 1000);`;
  const args = [
    '--pid',
    '--fork',
    '--kill-child',
    '--mount-proc',
    process.execPath,
    '--input-type=module',
    '-e',
    script,
  ];
  const other = spawn('unshare', args, { stdio: ['ignore', 'pipe', 'inherit'] });
  await once(other.stdout, 'data');
  expect(lockHolder(path)).toMatchObject({ pid: 1, host: ownHolder('node').host });
  expect(() => StorageLock.acquire(path, 'node')).toThrow(/another host or container; free 30 s after/);
  other.kill('SIGKILL');
  await once(other, 'exit');
  const old = new Date(Date.now() - 40_000);
  utimesSync(path, old, old);
  StorageLock.acquire(path, 'node').release();
});

test('what was touched before this machine started is gone at once', () => {
  leave({ host: 'other.example' });
  const beforeBoot = new Date(Date.now() - uptime() * 1000 - 1000);
  utimesSync(path, beforeBoot, beforeBoot);
  expect(lockHolder(path)).toBeUndefined();
});

describe('a holder that cannot be asked is waited for', () => {
  test('until it touches its file', async () => {
    leave({ host: 'other.example' });
    const waiting = awaitSignOfLife(path, 5);
    let settled = false;
    void waiting.then(() => (settled = true));
    await new Promise(setImmediate);
    expect(settled).toBe(false);
    utimesSync(path, new Date(), new Date(Date.now() + 10));
    await waiting;
    expect(lockHolder(path)).toBeDefined();
  });

  test('until it has been silent for long enough', async () => {
    leave({ space: 'another' });
    const almost = new Date(Date.now() - 29_800);
    utimesSync(path, almost, almost);
    await awaitSignOfLife(path, 5);
    expect(lockHolder(path)).toBeUndefined();
  });

  test('not at all when it can be', async () => {
    leave({});
    await awaitSignOfLife(path, 600_000);
    expect(lockHolder(path)).toBeDefined();
  });
});
