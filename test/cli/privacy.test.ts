import { readdirSync, statSync } from 'node:fs';
import { basename, join } from 'node:path';
import Sqlite from 'better-sqlite3';
import { expect, test, vi } from 'vitest';
import { runProcess } from '../support/run-process.ts';
import { KUVA, openCli, writeInstances } from './kuva.ts';
import type { Cli } from './kuva.ts';

// Each command is a process of its own; on a busy machine they take a while.
vi.setConfig({ testTimeout: 180_000 });

/** Runs with a umask of the shell. */
async function runWithUmask(cli: Cli, umask: string, ...args: string[]): Promise<void> {
  const { code, output } = await runProcess('/bin/sh', ['-c', `umask ${umask}; exec "$0" "$@"`, KUVA, ...args], {
    env: { KUVA_STORAGE__ROOT: cli.storage, KUVA_STORAGE__RESERVE_BYTES: '0' },
  });
  if (code !== 0) throw new Error(`kuva ${args.join(' ')}: exit ${code}\n${output}`);
}

/** Every entry of the storage, the storage itself included, with its permissions. */
function modes(cli: Cli): Map<string, string> {
  const paths = ['', ...readdirSync(cli.storage, { recursive: true, encoding: 'utf8' })];
  return new Map(
    paths.map((path) => {
      const { mode } = statSync(join(cli.storage, path));
      return [path, (mode & 0o777).toString(8)];
    }),
  );
}

test('nothing in the storage can be read by others, whatever the umask of the shell is', async () => {
  await using cli = await openCli();
  await runWithUmask(cli, '000', 'ae', 'add', 'CT1', '--host', '127.0.0.1');
  expect(modes(cli)).toEqual(
    new Map([
      ['', '750'],
      ['kuva.sqlite', '640'],
    ]),
  );

  writeInstances(cli.file('in'), [{ study: '1.2.1', sop: '1.2.1.1.1' }]);
  // A reader that stays keeps -wal and -shm in being after the import.
  const reader = new Sqlite(join(cli.storage, 'kuva.sqlite'), { readonly: true });
  reader.prepare('SELECT count(*) FROM sqlite_schema').get();
  await runWithUmask(cli, '000', 'import', cli.file('in'));
  const after = modes(cli);
  reader.close();
  expect([...after.keys()].map((path) => basename(path))).toEqual(
    expect.arrayContaining(['kuva.sqlite-wal', 'kuva.sqlite-shm', 'imports', expect.stringMatching(/\.journal$/)]),
  );
  expect([...after].filter(([, mode]) => mode !== '750' && mode !== '640')).toEqual([]);
});

test('a stricter umask stays', async () => {
  await using cli = await openCli();
  await runWithUmask(cli, '077', 'ae', 'add', 'CT1', '--host', '127.0.0.1');
  expect(modes(cli)).toEqual(
    new Map([
      ['', '700'],
      ['kuva.sqlite', '600'],
    ]),
  );
});
