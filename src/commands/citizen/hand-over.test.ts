import { existsSync, mkdirSync, readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { tempDir } from '../../../test/support/temp-dir.ts';
import { handOver } from './hand-over.ts';

const FILES = [
  { name: 'a.pdf', bytes: Buffer.from('first') },
  { name: 'b.pdf', bytes: Buffer.from('second') },
];

test('the right is used up when all files lie whole under other names, and before any has its own', async () => {
  await using dir = await tempDir('kuva-hand-over-');
  const folder = join(dir.path, 'new', 'folder');
  let seen: string[] = [];
  const paths = await handOver(folder, FILES, async () => {
    seen = readdirSync(folder).sort();
    expect(seen.map((name) => readFileSync(join(folder, name), 'utf8'))).toEqual(['first', 'second']);
  });
  expect(seen).toEqual([expect.stringMatching(/^a\.pdf\..*\.part$/), expect.stringMatching(/^b\.pdf\..*\.part$/)]);
  expect(readdirSync(folder).sort()).toEqual(['a.pdf', 'b.pdf']);
  expect(paths.map((path) => readFileSync(path, 'utf8'))).toEqual(['first', 'second']);
});

test('a name that is taken, and a folder that cannot be made, are said before', async () => {
  await using dir = await tempDir('kuva-hand-over-');
  const never = () => Promise.reject(new Error('used up'));
  mkdirSync(dir.file('out'));
  writeFileSync(dir.file('out', 'b.pdf'), 'mine');
  await expect(handOver(dir.file('out'), FILES, never)).rejects.toThrow(/b\.pdf is there already/);
  expect(readdirSync(dir.file('out'))).toEqual(['b.pdf']);
  await expect(handOver(dir.file('out', 'b.pdf', 'c'), FILES, never)).rejects.toThrow(
    'the folder cannot be made (ENOTDIR)',
  );
});

test('when the right is gone, nothing of the files stays', async () => {
  await using dir = await tempDir('kuva-hand-over-');
  await expect(handOver(dir.file('out'), FILES, () => Promise.reject(new Error('too late')))).rejects.toThrow(
    'too late',
  );
  expect(readdirSync(dir.file('out'))).toEqual([]);
});

test('a file that comes in the meantime is not written over, and what was used up is not lost', async () => {
  await using dir = await tempDir('kuva-hand-over-');
  const taken = dir.file('out', 'a.pdf');
  const failure = await handOver(dir.file('out'), FILES, async () => writeFileSync(taken, 'mine')).catch(
    (error: unknown) => String(error),
  );
  expect(readFileSync(taken, 'utf8')).toBe('mine');
  const part = /\S+\.part(?= \(EEXIST\))/.exec(String(failure))?.[0] ?? '';
  expect(existsSync(part) && readFileSync(part, 'utf8')).toBe('first');
  expect(readFileSync(dir.file('out', 'b.pdf'), 'utf8')).toBe('second');
});
