import { existsSync, mkdirSync, readdirSync, renameSync, rmSync, symlinkSync, truncateSync } from 'node:fs';
import { join } from 'node:path';
import Sqlite from 'better-sqlite3';
import { expect, test, vi } from 'vitest';
import { openCli, writeInstances } from './kuva.ts';
import type { Cli } from './kuva.ts';

// Each command is a process of its own; on a busy machine they take a while.
vi.setConfig({ testTimeout: 180_000 });

async function withObjects(cli: Cli): Promise<string[]> {
  writeInstances(cli.file('in'), [
    { study: '1.2.1', sop: '1.2.1.1.1' },
    { study: '1.2.1', sop: '1.2.1.1.2' },
    { study: '1.2.2', sop: '1.2.2.1.1' },
  ]);
  await cli.json(0, 'import', cli.file('in'));
  return readdirSync(join(cli.storage, 'objects'), { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.dcm'))
    .map((name) => join(cli.storage, 'objects', name))
    .toSorted();
}

const NONE = { registered: 0, left: 0 };

test('a torn file is not indexed; it is named, and the index of the others is whole', async () => {
  await using cli = await openCli();
  const [first] = await withObjects(cli);
  truncateSync(first!, 400);
  const { code, stdout, stderr } = await cli.run('reindex', '--json');
  expect(code).toBe(1);
  expect(JSON.parse(stdout)).toEqual({
    indexed: 2,
    conflicts: 0,
    damaged: 1,
    unreadable: 0,
    evicted: 0,
    documents: NONE,
    unknownStudies: 0,
  });
  expect(stderr).toContain(first);
  expect((await cli.json(0, 'verify'))[0]).toMatchObject({ objects: 2, damaged: 0 });
  expect(existsSync(join(cli.storage, 'reindex.unfinished'))).toBe(false);
});

test('objects stay those of who sent them, so that a rejection note goes on hiding what it rejected', async () => {
  await using cli = await openCli();
  await withObjects(cli);
  const database = () => new Sqlite(join(cli.storage, 'kuva.sqlite'));
  const before = database();
  before.exec("UPDATE bucket SET organisation = 'north'; UPDATE sender SET aet = 'CT7'");
  before.exec(
    `INSERT INTO rejection SELECT sop_instance_uid, x'aa', x'bb', '113037', 'refuse', 'north', 1, NULL FROM instance LIMIT 1`,
  );
  before.close();
  await cli.json(0, 'reindex');
  const after = database();
  expect(after.prepare('SELECT DISTINCT organisation FROM bucket').all()).toEqual([{ organisation: 'north' }]);
  expect(after.prepare('SELECT aet FROM sender').all()).toEqual([{ aet: 'CT7' }]);
  expect(after.prepare('SELECT count(*) AS hidden FROM hidden_instance').get()).toEqual({ hidden: 1 });
  after.close();
});

test('while a file cannot be read the reindex is unfinished, and nothing starts on its index', async () => {
  await using cli = await openCli();
  const [first] = await withObjects(cli);
  renameSync(first!, cli.file('aside'));
  // As a file that nobody may read, also for a superuser.
  symlinkSync(cli.file('aside'), first!);
  const { code, stdout } = await cli.run('reindex', '--json');
  expect(code).toBe(1);
  expect(JSON.parse(stdout)).toEqual({
    indexed: 2,
    conflicts: 0,
    damaged: 0,
    unreadable: 1,
    evicted: 0,
    documents: NONE,
    unknownStudies: 0,
  });
  expect((await cli.run('start', '--port', '0', '--http-port', '0')).stderr).toContain('run kuva reindex');
  rmSync(first!);
  renameSync(cli.file('aside'), first!);
  expect((await cli.json(0, 'reindex'))[0]).toMatchObject({ indexed: 3, unreadable: 0 });
});

test('the mark of an unfinished reindex is there before the old database goes', async () => {
  await using cli = await openCli();
  await withObjects(cli);
  // The mark cannot be written: then the database must not have been touched.
  mkdirSync(join(cli.storage, 'reindex.unfinished'));
  expect((await cli.run('reindex', '--fresh')).code).not.toBe(0);
  expect(readdirSync(cli.storage).filter((name) => name.startsWith('kuva.sqlite.'))).toEqual([]);
  rmSync(join(cli.storage, 'reindex.unfinished'), { recursive: true });
  expect((await cli.json(0, 'stats')).length).toBeGreaterThan(0);

  // A new database does not know whose the studies are: nothing is forwarded before somebody has said it.
  expect((await cli.json(0, 'reindex', '--fresh'))[0]).toMatchObject({ indexed: 3, unknownStudies: 2 });
  expect((await cli.json(0, 'reindex'))[0]).toMatchObject({ indexed: 3, unknownStudies: 2 });
  expect(await cli.json(0, 'queue', 'confirm', '1.2.1')).toEqual([{ confirmed: 1 }]);
  expect((await cli.run('queue', 'confirm', '1.2.1')).code).toBe(1);
  expect(await cli.json(0, 'queue', 'confirm', '--all')).toEqual([{ confirmed: 1 }]);
});

test('studies keep their patient and their attributes: the tree is taken in the order of receipt', async () => {
  await using cli = await openCli();
  // Two objects that disagree, five times: in the order of digests some would come the wrong way round.
  for (let study = 1; study <= 5; study++) {
    for (const n of [1, 2]) {
      const instance = {
        study: `1.2.${study}`,
        sop: `1.2.${study}.1.${n}`,
        patientId: `PAT${n}`,
        description: `desc${n}`,
      };
      writeInstances(cli.file(`in-${study}-${n}`), [instance]);
      await cli.json(0, 'import', cli.file(`in-${study}-${n}`));
    }
  }
  const answers = async () =>
    (await cli.json(0, 'studies', 'list')).map(({ studyInstanceUid, patientId, studyDescription, marks }) => ({
      studyInstanceUid,
      patientId,
      studyDescription,
      marks,
    }));
  const before = await answers();
  expect(new Set(before.map(({ patientId }) => patientId))).toEqual(new Set(['PAT1']));
  expect((await cli.json(0, 'reindex'))[0]).toMatchObject({ indexed: 10 });
  expect(await answers()).toEqual(before);
});
