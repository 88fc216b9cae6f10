import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { expect, test } from 'vitest';
import { openReader } from './database.ts';
import { LocalReader } from './reader/local-reader.ts';
import { allOf, databaseFile, openIndex } from './test-support/database-file.ts';
import { newInstance } from './test-support/new-instance.ts';
import { wrongCounts } from './test-support/recount.ts';

const CHILD = join(import.meta.dirname, 'test-support/add-until-killed.ts');

/** Runs the child until it has had so many acknowledgements, then kills it in the middle of its work. */
async function acknowledgedBeforeKill(
  path: string,
  enough: number,
): Promise<{ id: number; sop: string; durable: boolean }[]> {
  const child = spawn(process.execPath, [CHILD, path], { stdio: ['ignore', 'pipe', 'inherit'] });
  const exited = once(child, 'exit');
  const acknowledged: { id: number; sop: string; durable: boolean }[] = [];
  for await (const line of createInterface({ input: child.stdout })) {
    const [id, sop = '', durable] = line.split(' ');
    // The last line may have been cut by the kill.
    if (durable === 'true' || durable === 'false')
      acknowledged.push({ id: Number(id), sop, durable: durable === 'true' });
    if (acknowledged.length === enough) child.kill('SIGKILL');
  }
  await exited;
  return acknowledged;
}

test('after kill -9 every acknowledged row is there, counts are right, and what was in flight is suspect', async () => {
  const path = databaseFile();
  const acknowledged = await acknowledgedBeforeKill(path, 300);
  // A listing may come before the next start: it reads the log that the killed process has left.
  using listing = LocalReader.open(path)!;
  expect((await listing.read('totals')).instances).toBeGreaterThanOrEqual(acknowledged.length);
  const index = await openIndex(path);
  expect(await index.wasCleanStop()).toBe(false);
  const found = new Set(
    (await allOf(index.selectInstances({ level: 'STUDY', studyUids: ['1.2.3'] }))).map((ref) => ref.sopInstanceUid),
  );
  expect(acknowledged.filter(({ sop }) => !found.has(sop))).toEqual([]);
  const db = openReader(path);
  expect(wrongCounts(db)).toEqual([]);
  expect(db.pragma('integrity_check', { simple: true })).toBe('ok');
  db.close();
  const suspects = new Set((await index.suspects()).map((suspect) => suspect.instanceId));
  expect(acknowledged.filter(({ id, durable }) => !durable && !suspects.has(id))).toEqual([]);
  // Marks ride on the next batch: all but the last few have arrived.
  expect(acknowledged.slice(0, 200).filter(({ id, durable }) => durable && suspects.has(id))).toEqual([]);
});

test('an orderly stop leaves no suspects', async () => {
  const path = databaseFile();
  const first = await openIndex(path);
  const { instanceId } = await first.addInstance(newInstance({ sop: '1.2.3.1.1' }));
  first.markDurable(instanceId);
  await first.cleanMark();
  await first.close();
  const second = await openIndex(path);
  expect(await second.wasCleanStop()).toBe(true);
  expect(await second.suspects()).toEqual([]);
  expect(second.size().walBytes).toBe(0);
});

test('a mark that comes last is written by close alone', async () => {
  const path = databaseFile();
  const first = await openIndex(path);
  first.markDurable((await first.addInstance(newInstance({ sop: '1.2.3.1.1' }))).instanceId);
  await first.close();
  const second = await openIndex(path);
  expect(await second.suspects()).toEqual([]);
  expect(await second.wasCleanStop()).toBe(false);
});

test('after close every request is refused', async () => {
  const index = await openIndex();
  await index.close();
  await expect(index.addInstance(newInstance({ sop: '1.1' }))).rejects.toMatchObject({ code: 'INDEX_CLOSED' });
  await expect(index.stats()).rejects.toMatchObject({ code: 'INDEX_CLOSED' });
});
