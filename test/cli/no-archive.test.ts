import { existsSync, mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test, vi } from 'vitest';
import { openCli, writeInstances } from './kuva.ts';

// Each command is a process of its own; on a busy machine they take a while.
vi.setConfig({ testTimeout: 180_000 });

const READING = [
  ['status'],
  ['ae', 'list'],
  ['ae', 'show', 'CT1'],
  ['ae', 'remove', 'CT1'],
  ['studies', 'list'],
  ['studies', 'show', '1.2'],
  ['stats'],
  ['conflicts', 'list'],
  ['quarantine', 'list'],
  ['quarantine', 'show', '0'.repeat(64)],
  ['export', '1.2', 'out'],
  ['verify'],
];

test.each(READING.map((args) => ({ args })))(
  '$args on a storage that does not exist makes nothing and says so',
  async ({ args }) => {
    await using cli = await openCli();
    const { code, stdout, stderr } = await cli.run(...args);
    expect([code, stdout]).toEqual([1, '']);
    expect(stderr).toMatch(/^kuva: storage\.root .*\n$/);
    expect(stderr).toContain(`storage.root ${cli.storage} does not exist: give the folder of the archive with --`);
    expect(existsSync(cli.storage)).toBe(false);
  },
);

test('a folder without an archive, objects without a database, and a file in place of the folder', async () => {
  await using cli = await openCli();
  mkdirSync(cli.storage);
  expect(await cli.run('verify')).toMatchObject({ code: 1, stderr: expect.stringContaining('holds no archive') });
  mkdirSync(join(cli.storage, 'objects'));
  expect(await cli.run('stats')).toMatchObject({ code: 1, stderr: expect.stringContaining('kuva reindex') });
  expect(readdirSync(cli.storage)).toEqual(['objects']);

  const file = cli.file('file');
  writeFileSync(file, '');
  expect(await cli.run('stats', '--set', `storage.root=${file}`)).toMatchObject({
    code: 2,
    stderr: `kuva: storage.root is ${file}, which is no folder: give the storage folder\n`,
  });
});

test('verify of a study that is not there is no success', async () => {
  await using cli = await openCli();
  writeInstances(cli.file('in'), [{ study: '1.2.1', sop: '1.2.1.1.1' }]);
  await cli.json(0, 'import', cli.file('in'));
  expect((await cli.json(0, 'verify', '--study', '1.2.1'))[0]).toMatchObject({ objects: 1, damaged: 0 });
  expect(await cli.run('verify', '--study', '1.2.9')).toMatchObject({
    code: 1,
    stdout: '',
    stderr: 'kuva: there is no study 1.2.9\n',
  });
  expect((await cli.run('verify', '--study', 'x')).code).toBe(2);
});
