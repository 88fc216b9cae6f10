import { execFile, execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { describe, expect, test } from 'vitest';
import { databaseFile, openIndex } from './test-support/database-file.ts';

const run = promisify(execFile);
const CHILD = join(import.meta.dirname, 'test-support/add-until-refused.ts');
const WAL_WRITES = 'pwrite64,write';

/** Runs the child with every write to these files failing so; strace finds them by path. */
async function withFailingWrites(path: string, errno: string, files: readonly string[]): Promise<string> {
  const paths = files.flatMap((file) => ['-P', file]);
  const inject = ['-e', `trace=${WAL_WRITES}`, '-e', `inject=${WAL_WRITES}:error=${errno}`];
  const strace = ['-f', '-qq', '-o', '/dev/null', ...paths, ...inject];
  return (await run('strace', [...strace, process.execPath, CHILD, path, '5'])).stdout.trim();
}

test('after an I/O error it says so once, closes, and lets the process end', async () => {
  // A limit on the size of a file is a failed write to SQLite.
  const { stdout } = await run(
    'bash',
    ['-c', `ulimit -f 1500; exec "$0" "$@"`, process.execPath, CHILD, databaseFile()],
    {
      timeout: 60_000,
    },
  );
  expect(stdout).toBe('INDEX_FATAL 1\n');
}, 90_000);

describe.skipIf(!canTrace())('a write that the file system refuses', () => {
  test.for([
    ['EIO', 'INDEX_FATAL 1'],
    ['EDQUOT', 'INDEX_FULL 0'],
  ] as const)('%s is %s', { timeout: 90_000 }, async ([errno, expected]) => {
    const path = databaseFile();
    // Made before, so that only changes fail.
    await (await openIndex(path)).close();
    expect(await withFailingWrites(path, errno, [`${path}-wal`, `${path}-room`])).toBe(expected);
  });
});

function canTrace(): boolean {
  try {
    execFileSync('strace', ['-qq', '-o', '/dev/null', 'true'], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
}
