import { copyFileSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { join, relative } from 'node:path';
import { expect, test } from 'vitest';
import { RunningProcess, runProcess } from '../support/run-process.ts';
import { waitFor } from '../support/wait-for.ts';

const REPO = join(import.meta.dirname, '../..');

test('the compiled program starts, threads and migrations included, and stops', { timeout: 120_000 }, async () => {
  // Inside the repository, where the packages are found; `.bench` is ignored by everything.
  mkdirSync(join(REPO, '.bench'), { recursive: true });
  const folder = mkdtempSync(join(REPO, '.bench/build-'));
  try {
    const dist = join(folder, 'dist');
    const build = await runProcess('node', ['scripts/build.mjs', relative(REPO, dist)], { cwd: REPO });
    expect(build).toMatchObject({ code: 0, output: '' });

    // A package is package.json with dist/ beside it.
    copyFileSync(join(REPO, 'package.json'), join(folder, 'package.json'));
    const readyFile = join(folder, 'ready.json');
    const ports = ['--port', '0', '--http-port', '0'];
    const args = ['start', ...ports, '--storage', join(folder, 'storage'), '--ready-file', readyFile];
    await using node = new RunningProcess('node', [join(dist, 'main.js'), ...args], { cwd: folder });
    await waitFor('the compiled node to listen or end', () => existsSync(readyFile) || !node.isRunning);
    expect(node.isRunning, node.output()).toBe(true);
    expect(JSON.parse(readFileSync(readyFile, 'utf8'))).toMatchObject({ ready: true });
    await node.stop();
    expect(await node.exited).toEqual({ code: 0, signal: null });
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
});
