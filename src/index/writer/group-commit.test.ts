import { onTestFinished, expect, test } from 'vitest';
import fc from 'fast-check';
import { openWriter } from '../database.ts';
import type { SqliteDatabase } from '../database.ts';
import type { AddResult, NewInstance } from '../index-types.ts';
import { databaseFile } from '../test-support/database-file.ts';
import { newInstance } from '../test-support/new-instance.ts';
import { wrongCounts } from '../test-support/recount.ts';
import { GroupCommit } from './group-commit.ts';
import type { WriteOutcome } from './group-commit.ts';
import { IndexWriter } from './index-writer.ts';

interface Writing {
  readonly db: SqliteDatabase;
  readonly writer: IndexWriter;
  readonly group: GroupCommit;
}

function openGroup(path: string = databaseFile()): Writing {
  const db = openWriter(path);
  onTestFinished(() => void db.close());
  const writer = new IndexWriter(db, { queue: false, underControl: false });
  return { db, writer, group: new GroupCommit(db, writer) };
}

function add(group: GroupCommit, ...instances: NewInstance[]): WriteOutcome[] {
  return group.run(instances.map((instance, id) => ({ id, operation: 'addInstance', args: [instance] }))).outcomes;
}

function values(outcomes: readonly WriteOutcome[]): unknown[] {
  return outcomes.map((outcome) => ('error' in outcome ? outcome.error.code : outcome.value));
}

function count(db: SqliteDatabase, table: string): number {
  return Number(db.prepare(`SELECT count(*) FROM ${table}`).pluck().get());
}

test('a bad row fails alone', () => {
  const { db, group } = openGroup();
  const bad = { ...newInstance({ sop: '1.2.3.1.2' }), size: Number.NaN };
  const outcomes = values(
    add(
      group,
      newInstance({ sop: '1.2.3.1.1' }),
      bad,
      newInstance({ sop: '1.2.3.1.3' }),
      newInstance({ sop: 'not a uid' }),
    ),
  );
  expect(outcomes).toEqual([
    { kind: 'new', instanceId: 1 },
    'INDEX_ROW_REJECTED',
    { kind: 'new', instanceId: 2 },
    'INDEX_ROW_REJECTED',
  ]);
  expect(count(db, 'instance')).toBe(2);
  expect(wrongCounts(db)).toEqual([]);
});

test('a bad first row of a study leaves no study behind and harms no later row of it', () => {
  const { db, group } = openGroup();
  const bad = { ...newInstance({ sop: '1.2.3.1.1' }), size: Number.NaN };
  expect(values(add(group, bad))).toEqual(['INDEX_ROW_REJECTED']);
  expect(count(db, 'study') + count(db, 'patient') + count(db, 'series')).toBe(0);
  expect(values(add(group, bad, newInstance({ sop: '1.2.3.1.2' })))).toEqual([
    'INDEX_ROW_REJECTED',
    { kind: 'new', instanceId: 1 },
  ]);
  expect(wrongCounts(db)).toEqual([]);
});

test('a failure that no row is to blame for refuses no row', () => {
  const { db, group } = openGroup();
  db.exec("CREATE TEMP TRIGGER broken BEFORE UPDATE ON bucket BEGIN SELECT RAISE(ABORT, 'counts'); END");
  const instances = [newInstance({ sop: '1.2.3.1.1' }), newInstance({ sop: '1.2.3.1.2' })];
  expect(values(add(group, ...instances))).toEqual(['INDEX_FAILED', 'INDEX_FAILED']);
  db.exec('DROP TRIGGER broken');
  db.function('fail', () => {
    throw new TypeError('a bug');
  });
  db.exec('CREATE TEMP TRIGGER broken BEFORE INSERT ON instance WHEN NEW.id = 1 BEGIN SELECT fail(); END');
  expect(values(add(group, instances[0]!))).toEqual(['INDEX_FAILED']);
  db.exec('DROP TRIGGER broken');
  expect(values(add(group, ...instances)).map((value) => (value as AddResult).kind)).toEqual(['new', 'new']);
});

test.each(['dropInstance', 'clearIndex'] as const)('a %s that fails half way leaves the counts right', (operation) => {
  const { db, group } = openGroup();
  add(group, newInstance({ sop: '1.2.3.1.1' }));
  db.exec("CREATE TEMP TRIGGER broken BEFORE DELETE ON study BEGIN SELECT RAISE(ABORT, 'x'); END");
  const outcome = group.run([
    { id: 1, operation: 'addInstance', args: [newInstance({ study: '1.9', sop: '1.9.1.1' })] },
    { id: 2, operation, args: operation === 'dropInstance' ? [1] : [] },
    { id: 3, operation: 'addInstance', args: [newInstance({ study: '1.9', sop: '1.9.1.2' })] },
  ]);
  expect(values(outcome.outcomes)).toMatchObject([{ kind: 'new' }, 'INDEX_ROW_REJECTED', { kind: 'new' }]);
  expect(count(db, 'instance')).toBe(3);
  expect(wrongCounts(db)).toEqual([]);
});

test('a full disk fails the batch, and the next one works when there is room', () => {
  const { db, group } = openGroup();
  expect(values(add(group, newInstance({ sop: '1.2.3.1.1' })))).toEqual([{ kind: 'new', instanceId: 1 }]);
  const pages = Number(db.pragma('page_count', { simple: true }));
  db.pragma(`max_page_count = ${pages}`);
  const many = Array.from({ length: 500 }, (_, at) => newInstance({ study: `1.3.${at}`, sop: `1.3.${at}.1.1` }));
  const failed = group.run(many.map((instance, id) => ({ id, operation: 'addInstance', args: [instance] })));
  expect(new Set(values(failed.outcomes))).toEqual(new Set(['INDEX_FULL']));
  expect(failed.fatal).toBeUndefined();
  expect(count(db, 'instance')).toBe(1);
  db.pragma('max_page_count = 1000000');
  expect(new Set(values(add(group, ...many)).map((value) => (value as AddResult).kind))).toEqual(new Set(['new']));
  expect(count(db, 'instance')).toBe(501);
  expect(wrongCounts(db)).toEqual([]);
});

test('an I/O error is fatal', () => {
  const { db, group } = openGroup();
  db.function('fail', () => {
    throw Object.assign(new Error('disk I/O error'), { code: 'SQLITE_IOERR_FSYNC' });
  });
  db.exec('CREATE TEMP TRIGGER broken BEFORE INSERT ON instance BEGIN SELECT fail(); END');
  const outcome = group.run([{ id: 1, operation: 'addInstance', args: [newInstance({ sop: '1.2.3.1.1' })] }]);
  expect(outcome.fatal).toMatchObject({ code: 'INDEX_FATAL', facts: { sqlite: 'SQLITE_IOERR_FSYNC' } });
  expect(values(outcome.outcomes)).toEqual(['INDEX_FATAL']);
});

test('two writers on one file keep one study, one sequence of ids and right counts', () => {
  const path = databaseFile();
  const [one, two] = [openGroup(path), openGroup(path)];
  const ids = new Set<number>();
  for (let round = 0; round < 20; round += 1) {
    const instance = (side: number, at: number): NewInstance =>
      newInstance({ series: `1.2.3.${side}`, sop: `1.2.3.${side}.${round}.${at}` });
    for (const [side, { group }] of [one, two].entries()) {
      for (const value of values(add(group, instance(side, 1), instance(side, 2))))
        ids.add((value as AddResult).instanceId);
    }
    if (round === 9) two.group.run([{ id: 1, operation: 'dropInstance', args: [1] }]);
  }
  expect(ids.size).toBe(80);
  expect(count(one.db, 'study')).toBe(1);
  expect(count(one.db, 'patient')).toBe(1);
  expect(wrongCounts(one.db)).toEqual([]);
});

test('an id is never given out twice', () => {
  const { group } = openGroup();
  add(group, newInstance({ sop: '1.1' }), newInstance({ sop: '1.2' }));
  group.run([{ id: 1, operation: 'dropInstance', args: [2] }]);
  expect(values(add(group, newInstance({ sop: '1.3' })))).toEqual([{ kind: 'new', instanceId: 3 }]);
});

test('durable marks ride on the next batch and survive a failed one', () => {
  const { db, writer, group } = openGroup();
  add(group, newInstance({ sop: '1.1' }), newInstance({ sop: '1.2' }));
  expect(count(db, 'undurable')).toBe(2);
  writer.noteDurable([1]);
  expect(count(db, 'undurable')).toBe(2);
  db.pragma('query_only = ON');
  expect(values(add(group, newInstance({ sop: '1.3' })))).toEqual(['INDEX_READ_ONLY']);
  db.pragma('query_only = OFF');
  add(group, newInstance({ sop: '1.3' }));
  expect(db.prepare('SELECT id FROM undurable ORDER BY id').pluck().all()).toEqual([2, 3]);
});

type Step =
  | { readonly kind: 'add'; readonly sop: number; readonly bytes: number; readonly fail: boolean }
  | { readonly kind: 'drop'; readonly nth: number };

test('kept counts equal a recount after any order of adds, repeats, conflicts, failures and drops', () => {
  const step: fc.Arbitrary<Step> = fc.oneof(
    {
      weight: 4,
      arbitrary: fc.record({
        kind: fc.constant('add' as const),
        sop: fc.nat(15),
        bytes: fc.nat(1),
        fail: fc.boolean(),
      }),
    },
    { weight: 1, arbitrary: fc.record({ kind: fc.constant('drop' as const), nth: fc.integer({ min: 1, max: 20 }) }) },
  );
  fc.assert(
    fc.property(fc.array(fc.array(step, { minLength: 1, maxLength: 8 }), { minLength: 1, maxLength: 8 }), (batches) => {
      const { db, group } = openGroup(databaseFile());
      db.pragma('synchronous = OFF');
      for (const batch of batches) group.run(batch.map((each, id) => ({ id, ...requestOf(each) })));
      expect(wrongCounts(db)).toEqual([]);
    }),
    { numRuns: 60 },
  );
});

function requestOf(step: Step): { operation: 'addInstance' | 'dropInstance'; args: unknown[] } {
  if (step.kind === 'drop') return { operation: 'dropInstance', args: [step.nth] };
  const { sop, bytes, fail } = step;
  const instance = newInstance({
    study: `1.2.${sop % 3}`,
    series: `1.2.${sop % 3}.${sop % 2}`,
    sop: `1.2.9.${sop}`,
    bytes: `${sop} ${bytes}`,
    size: 100 + sop,
    receivedAt: Date.UTC(2026, sop % 4, 1),
    organisation: sop % 2 === 0 ? 'A' : null,
    sopClassUid: `1.2.840.10008.5.1.4.1.1.${2 + (sop % 2)}`,
    attributes: { PatientID: ['', 'P1', 'P2'][sop % 3] ?? '', Modality: sop % 5 === 0 ? 'SR' : 'CT' },
  });
  return { operation: 'addInstance', args: [fail && sop % 7 === 0 ? { ...instance, size: Number.NaN } : instance] };
}
