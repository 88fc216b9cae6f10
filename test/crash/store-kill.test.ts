import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { recover } from '../../src/recovery.ts';
import { LogIndex } from '../support/log-index.ts';
import { filesBelow, objectFile, openStore } from '../support/store-tree.ts';
import { tempDir } from '../support/temp-dir.ts';
import type { TempDir } from '../support/temp-dir.ts';

const driver = fileURLToPath(new URL('store-driver.ts', import.meta.url));
const canTrace = spawnSync('strace', ['-e', 'inject=fsync:signal=KILL:when=9', 'true']).status === 0;
// All ways in which the store and the index change the disk. Opening is left out: Node itself opens too many files.
const CALLS = ['pwrite64', 'pwritev', 'fdatasync', 'fsync', 'link', 'unlink', 'mkdir'];
const ON_MAIN_THREAD: ReadonlySet<string> = new Set(['pwrite64', 'pwritev', 'mkdir']);

let dir: TempDir;
beforeEach(async () => {
  dir = await tempDir();
  await (await openStore(dir.path)).close(true);
});
afterEach(() => dir[Symbol.asyncDispose]());

/** Runs the driver, killed at its n-th call of one kind. One pool thread, since strace counts calls by thread. */
function run(call: string, nth: number): { acknowledged: [sha256: string, size: number][]; ended: boolean } {
  const inject = [
    '-f',
    '-qq',
    // Much faster, but blind to what the main thread calls.
    ...(ON_MAIN_THREAD.has(call) ? [] : ['--seccomp-bpf']),
    '-o',
    '/dev/null',
    '-e',
    `trace=${call}`,
    '-e',
    `inject=${call}:signal=KILL:when=${nth}`,
  ];
  const { stdout } = spawnSync('strace', [...inject, process.execPath, driver, dir.path, `${call}-${nth}`], {
    encoding: 'utf8',
    env: { ...process.env, UV_THREADPOOL_SIZE: '1' },
  });
  const lines = stdout.split('\n').slice(0, -1);
  const ended = lines.at(-1) === 'end';
  const acknowledged = (ended ? lines.slice(0, -1) : lines).map((line): [string, number] => {
    const [sha256, size] = line.split(' ');
    return [sha256!, Number(size)];
  });
  return { acknowledged, ended };
}

describe.skipIf(!canTrace)('killed at every', () => {
  test.each(CALLS)('%s: what was acknowledged is whole, and no stray file or row is left', async (call) => {
    const acknowledged = new Map<string, number>();
    let kills = 0;
    for (let nth = 1; ; nth += 1) {
      const result = run(call, nth);
      for (const [sha256, size] of result.acknowledged) acknowledged.set(sha256, size);
      if (result.ended) break;
      kills += 1;
      const index = new LogIndex(dir.file('index.log'));
      const store = await openStore(dir.path);
      const report = await recover({ store, index, adopt: (name, size) => index.addInstance({ sha256: name, size }) });
      expect(report.dropped.filter(({ sha256 }) => acknowledged.has(sha256))).toEqual([]);
      const rows = [...index.rows.values()];
      expect(filesBelow(dir.path).filter((path) => path.startsWith('objects/') || path.startsWith('spool/'))).toEqual(
        rows.map(({ sha256 }) => objectFile(sha256)).toSorted(),
      );
      expect(rows.map(({ sha256 }) => sha256)).toEqual(expect.arrayContaining([...acknowledged.keys()]));
      for (const { sha256, size } of rows) expect(await store.verify(sha256, size)).toBeUndefined();
      index.close();
      await store.close(true);
    }
    expect(kills).toBeGreaterThan(0);
    expect(acknowledged.size).toBeGreaterThan(0);
  });
});
