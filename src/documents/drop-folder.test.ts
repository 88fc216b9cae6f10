import { mkdirSync, readFileSync, readdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { tempDir } from '../../test/support/temp-dir.ts';
import type { TempDir } from '../../test/support/temp-dir.ts';
import { DropFolder } from './drop-folder.ts';

async function folderOf(dir: TempDir): Promise<DropFolder> {
  const folder = new DropFolder({
    folder: dir.file('drop'),
    register: { add: async () => ({ kind: 'refused', code: 'XML_MALFORMED', reason: 'no XML', faults: [] }) },
    settleMs: 0,
    clock: Date.now,
    onFile: () => undefined,
  });
  mkdirSync(dir.file('drop'));
  await folder.prepare();
  return folder;
}

/** Two looks: at the first a file is seen, at the second it is taken. */
async function scan(folder: DropFolder): Promise<number> {
  const { signal } = new AbortController();
  return (await folder.scan(signal)) + (await folder.scan(signal));
}

test('a reason goes neither through a link nor over a file that somebody has put in its place', async () => {
  await using dir = await tempDir();
  const folder = await folderOf(dir);
  writeFileSync(dir.file('precious'), 'precious');
  symlinkSync(dir.file('precious'), dir.file('drop', 'rejected', 'bad.xml.reason.txt'));
  symlinkSync(dir.file('nowhere'), dir.file('drop', 'rejected', 'bad.xml.reason.1.txt'));
  writeFileSync(dir.file('drop', 'bad.xml'), '<x');
  expect(await scan(folder)).toBe(1);
  expect(readFileSync(dir.file('precious'), 'utf8')).toBe('precious');
  expect(readdirSync(dir.path)).not.toContain('nowhere');
  expect(readFileSync(dir.file('drop', 'rejected', 'bad.xml.reason.2.txt'), 'utf8')).toBe('XML_MALFORMED\nno XML\n');
});

test('nothing goes into a folder that is a link; it waits, and goes when the link is gone', async () => {
  await using dir = await tempDir();
  const folder = await folderOf(dir);
  mkdirSync(dir.file('elsewhere'));
  rmSync(dir.file('drop', 'rejected'), { recursive: true });
  symlinkSync(dir.file('elsewhere'), dir.file('drop', 'rejected'));
  writeFileSync(dir.file('drop', 'bad.xml'), '<x');
  await expect(scan(folder)).rejects.toMatchObject({ code: 'DROP_FOLDER_LINK' });
  expect(readdirSync(dir.file('elsewhere'))).toEqual([]);
  rmSync(dir.file('drop', 'rejected'));
  await folder.prepare();
  expect(await scan(folder)).toBe(1);
  expect(readdirSync(dir.file('drop', 'rejected')).toSorted()).toEqual(['bad.xml', 'bad.xml.reason.txt']);
});
