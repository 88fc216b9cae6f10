import { execFileSync } from 'node:child_process';
import { closeSync, constants, mkdtempSync, openSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { WriteProbe } from './write-probe.ts';

test('tries to write, leaves nothing behind and asks the disk no more than once an interval', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'kuva-probe-'));
  let now = 0;
  const probe = new WriteProbe({ folder, intervalMs: 5000, limitMs: 60_000, now: () => now });
  expect(await probe.check()).toEqual({ ok: true, detail: 'takes files' });
  expect(readdirSync(folder)).toEqual([]);
  rmSync(folder, { recursive: true });
  now = 4999;
  expect((await probe.check()).ok).toBe(true);
  now = 5000;
  expect(await probe.check()).toEqual({
    ok: false,
    detail: `${folder} cannot be written (ENOENT): the folder is gone: mount the file system, or restart the node`,
  });
});

test('a disk that does not answer is not well', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'kuva-probe-'));
  // Opening a pipe that nobody reads waits, as a disk does that hangs.
  const pipe = join(folder, `.probe-${process.pid}`);
  execFileSync('mkfifo', [pipe]);
  const probe = new WriteProbe({ folder, intervalMs: 5000, limitMs: 20, now: () => 0 });
  expect(await probe.check()).toEqual({
    ok: false,
    detail: `${folder} did not take a file within 20 ms: look at the disk`,
  });
  closeSync(openSync(pipe, constants.O_RDONLY | constants.O_NONBLOCK));
  rmSync(folder, { recursive: true, force: true });
});
