import { existsSync, readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { KUVA } from '../cli/kuva.ts';
import { runProcess } from '../support/run-process.ts';
import { tempDir } from '../support/temp-dir.ts';

test('the whole play goes as it should, and says how to do each step by hand', { timeout: 600_000 }, async () => {
  await using dir = await tempDir();
  const played = dir.file('play');
  const { code, stdout, output } = await runProcess(KUVA, ['demo', '--json', '--keep', played], {
    cwd: dir.path,
    timeoutMs: 590_000,
  });
  expect([code, code === 0 ? '' : output]).toEqual([0, '']);
  const scenes = stdout
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as { scene: string; ok: boolean });
  expect(scenes.length).toBeGreaterThanOrEqual(14);
  expect(scenes.filter(({ ok }) => !ok)).toEqual([]);
  for (const tool of ['echoscu', 'storescu', 'findscu', 'movescu']) expect(output).toContain(`DCMTK: ${tool} `);
  expect(readFileSync(`${played}/ecg.svg`, 'utf8')).toContain('<svg');
  expect(readFileSync(`${played}/statement.pdf`, 'latin1')).toMatch(/^%PDF-/);
  expect(existsSync(`${played}/custody`)).toBe(true);
});
