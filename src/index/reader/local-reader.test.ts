import Sqlite from 'better-sqlite3';
import { expect, test } from 'vitest';
import { databaseFile, openIndex } from '../test-support/database-file.ts';
import { newInstance } from '../test-support/new-instance.ts';
import { LocalReader } from './local-reader.ts';

test('answers as the threads do, beside a writer and after it has gone', async () => {
  const path = databaseFile();
  const index = await openIndex(path);
  using reader = LocalReader.open(path)!;
  await index.addInstance(newInstance({ sop: '1.2.3.1.1' }));
  const expected = await index.read('totals');
  expect(expected.studies).toBe(1);
  expect(await reader.read('totals')).toEqual(expected);
  await index.close();
  expect(await reader.read('totals')).toEqual(expected);
  using later = LocalReader.open(path)!;
  expect(await later.read('totals')).toEqual(expected);
});

test.each([1, 1000])('leaves a database with schema %i to a writer', async (version) => {
  const path = databaseFile();
  await (await openIndex(path)).close();
  const db = new Sqlite(path);
  db.pragma(`user_version = ${version}`);
  db.close();
  expect(LocalReader.open(path)).toBeUndefined();
});

test('what the database refuses is an error of the index', async () => {
  const path = databaseFile();
  await (await openIndex(path)).close();
  const db = new Sqlite(path);
  db.exec('DROP TABLE ae');
  db.close();
  using reader = LocalReader.open(path)!;
  await expect(reader.read('aeList')).rejects.toMatchObject({ name: 'IndexError' });
});
