import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import Sqlite from 'better-sqlite3';
import { expect, test } from 'vitest';
import { openReader, openWriter } from './database.ts';
import { dumpSchema, migrate, readMigrations } from './migrations.ts';
import type { Migration } from './migrations.ts';
import { databaseFile } from './test-support/database-file.ts';

function fresh(): Sqlite.Database {
  return new Sqlite(':memory:');
}

test('the committed dump is the schema that the migrations make', () => {
  const db = fresh();
  migrate(db, ':memory:');
  expect(dumpSchema(db), 'run: node scripts/dump-schema.mjs').toBe(
    readFileSync(join(import.meta.dirname, 'schema.sql'), 'utf8'),
  );
});

test('every table is STRICT', () => {
  const db = fresh();
  migrate(db, ':memory:');
  const loose = db
    .prepare("SELECT name FROM pragma_table_list WHERE type = 'table' AND strict = 0 AND name NOT LIKE 'sqlite_%'")
    .all();
  expect(loose).toEqual([]);
});

test('migrating again changes nothing', () => {
  const db = fresh();
  migrate(db, ':memory:');
  const before = dumpSchema(db);
  migrate(db, ':memory:');
  expect(dumpSchema(db)).toBe(before);
  expect(db.pragma('user_version', { simple: true })).toBe(readMigrations().length);
});

test('an edited step is refused by name', () => {
  const db = fresh();
  migrate(db, ':memory:');
  const [first, ...rest] = readMigrations() as [Migration, ...Migration[]];
  expect(() => migrate(db, 'kuva.sqlite', [{ ...first, sha256: 'f'.repeat(64) }, ...rest])).toThrow(
    expect.objectContaining({ code: 'MIGRATION_CHANGED', message: expect.stringContaining('1 (index)') }),
  );
});

test('a step that fails leaves nothing behind', () => {
  const db = fresh();
  migrate(db, ':memory:');
  const broken = {
    version: 99,
    name: 'broken',
    sql: 'CREATE TABLE half (id INTEGER) STRICT; CREATE TABLE half (id INTEGER) STRICT;',
    sha256: 'a',
  };
  expect(() => migrate(db, ':memory:', [...readMigrations(), broken])).toThrow(/already exists/);
  expect(db.prepare("SELECT 1 FROM sqlite_schema WHERE name = 'half'").get()).toBeUndefined();
  expect(db.pragma('user_version', { simple: true })).toBe(readMigrations().length);
});

test('a database of a newer program is refused', () => {
  const db = fresh();
  db.pragma('user_version = 4711');
  expect(() => migrate(db, ':memory:')).toThrow(expect.objectContaining({ code: 'SCHEMA_NEWER' }));
});

test("another program's database is refused and left as it is", () => {
  const path = databaseFile();
  const other = new Sqlite(path);
  other.exec('CREATE TABLE theirs (id INTEGER)');
  other.close();
  expect(() => openWriter(path)).toThrow(expect.objectContaining({ code: 'INDEX_FOREIGN' }));
  const after = new Sqlite(path);
  expect(after.prepare('SELECT name FROM sqlite_schema').all()).toEqual([{ name: 'theirs' }]);
  after.close();
});

test('connections have the settings that durability rests on', () => {
  const path = databaseFile();
  const writer = openWriter(path);
  const reader = openReader(path);
  for (const db of [writer, reader]) {
    expect(db.pragma('journal_mode', { simple: true })).toBe('wal');
    expect(db.pragma('synchronous', { simple: true })).toBe(2);
    expect(db.pragma('foreign_keys', { simple: true })).toBe(1);
    expect(db.pragma('busy_timeout', { simple: true })).toBe(5000);
  }
  expect(writer.pragma('wal_autocheckpoint', { simple: true })).toBe(0);
  expect(() => reader.exec('DELETE FROM ae')).toThrow(/readonly/);
  reader.close();
  writer.close();
});

test('a path that cannot be opened is named', () => {
  expect(() => openWriter('/dev/null/kuva.sqlite')).toThrow(
    expect.objectContaining({ code: 'INDEX_OPEN', facts: expect.objectContaining({ path: '/dev/null/kuva.sqlite' }) }),
  );
});
