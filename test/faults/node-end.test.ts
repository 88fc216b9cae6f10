import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test, vi } from 'vitest';
import { IndexService } from '../../src/index/index-service.ts';
import { newInstance } from '../../src/index/test-support/new-instance.ts';
import { KUVA, openCli } from '../cli/kuva.ts';
import { RunningProcess } from '../support/run-process.ts';
import { canMount, tmpfs } from '../support/tmpfs.ts';
import { waitFor } from '../support/wait-for.ts';

vi.setConfig({ testTimeout: 30_000 });

const SYNC = 'fsync,fdatasync';
const start = (storage: string) => ['start', '--port', '0', '--http-port', '0', '--storage', storage];

test.skipIf(!canMount)('a full disk does not keep the node from ending', async () => {
  await using cli = await openCli();
  using disk = tmpfs('size=24m');
  const ready = cli.file('ready.json');
  await using node = new RunningProcess(KUVA, [...start(disk.path), '--ready-file', ready], { cwd: cli.file() });
  await waitFor('the node', () => existsSync(ready));
  // The stop removes it, and its page would be room enough.
  rmSync(join(disk.path, 'node.ready'), { force: true });
  fill(disk.path);
  node.child.kill('SIGTERM');
  expect(await node.exited).toEqual({ code: 0, signal: null });
  expect(node.output()).toContain('the next start checks the storage');
});

test.skipIf(!canTrace())(
  'a disk that fails while the storage is recovered ends the start with the reason',
  async () => {
    await using cli = await openCli();
    mkdirSync(cli.storage);
    // A row without its file: recovery drops it, which is a commit.
    const index = await IndexService.open({ path: join(cli.storage, 'kuva.sqlite'), readers: 1 });
    await index.addInstance(newInstance({ sop: '1.2.3' }));
    await index.close();

    const strace = [
      '-f',
      '-qq',
      '-o',
      '/dev/null',
      '-P',
      join(cli.storage, 'kuva.sqlite-wal'),
      '-e',
      `trace=${SYNC}`,
      '-e',
      `inject=${SYNC}:error=EIO`,
    ];
    await using node = new RunningProcess('strace', [...strace, KUVA, ...start(cli.storage)], { cwd: cli.file() });
    expect(await node.exited).toEqual({ code: 1, signal: null });
    expect(node.output()).toContain('the node stops acknowledging and ends');
    expect(node.output()).not.toContain('ReferenceError');
  },
);

function fill(folder: string): void {
  for (const bytes of [1024 * 1024, 4096]) {
    try {
      for (let n = 0; ; n++) writeFileSync(join(folder, `fill-${bytes}-${n}`), Buffer.alloc(bytes));
    } catch {
      // Full.
    }
  }
}

function canTrace(): boolean {
  try {
    execFileSync('strace', ['-qq', '-o', '/dev/null', 'true'], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
}
