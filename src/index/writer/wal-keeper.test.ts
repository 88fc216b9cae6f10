import { statSync } from 'node:fs';
import { expect, onTestFinished, test, vi } from 'vitest';
import { openReader, openWriter } from '../database.ts';
import { databaseFile } from '../test-support/database-file.ts';
import { WalKeeper } from './wal-keeper.ts';

const MIB = 1024 * 1024;

function keep() {
  const db = openWriter(databaseFile());
  onTestFinished(() => void db.close());
  db.exec('CREATE TABLE scratch (bytes BLOB NOT NULL) STRICT');
  const onFatal = vi.fn<(error: Error) => void>();
  const keeper = new WalKeeper(db, onFatal);
  const insert = db.prepare('INSERT INTO scratch VALUES (randomblob(?))');
  const write = (bytes: number): void => {
    insert.run(bytes);
    keeper.afterBatch();
  };
  return { db, keeper, write, onFatal, logBytes: () => statSync(`${db.name}-wal`).size };
}

test('a log that has been copied is written again from its beginning, and goes when all is closed', async () => {
  const { keeper, write, onFatal, logBytes } = keep();
  for (let i = 0; i < 16; i += 1) write(MIB);
  expect(logBytes()).toBeGreaterThan(16 * MIB);
  // Each look lets the thread's answer in.
  await vi.waitFor(() => {
    const before = logBytes();
    for (let i = 0; i < 16; i += 1) write(MIB / 8);
    expect(logBytes()).toBe(before);
  }, 10_000);
  await keeper.close();
  expect(logBytes()).toBe(0);
  expect(onFatal).not.toHaveBeenCalled();
});

test('a reader that stays keeps what it sees, and the log goes on', async () => {
  const { db, keeper, write, onFatal, logBytes } = keep();
  write(1);
  const reader = openReader(db.name);
  reader.exec('BEGIN');
  const count = reader.prepare('SELECT count(*) FROM scratch').pluck();
  expect(count.get()).toBe(1);
  for (let i = 0; i < 40; i += 1) {
    write(MIB / 2);
    await new Promise(setImmediate);
  }
  expect(count.get()).toBe(1);
  expect(logBytes()).toBeGreaterThan(20 * MIB);
  reader.close();
  expect(db.prepare('SELECT count(*) FROM scratch').pluck().get()).toBe(41);
  await keeper.close();
  expect(logBytes()).toBe(0);
  expect(onFatal).not.toHaveBeenCalled();
});
