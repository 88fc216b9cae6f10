import { expect, onTestFinished, test, vi } from 'vitest';
import { openWriter } from '../database.ts';
import { databaseFile } from '../test-support/database-file.ts';
import { newInstance } from '../test-support/new-instance.ts';
import { wrongCounts } from '../test-support/recount.ts';
import { GroupCommit } from './group-commit.ts';
import { IndexWriter } from './index-writer.ts';
import type { WriteOperations } from './index-writer.ts';

/** A writer as a process of its own has it. */
function openProcess(path: string) {
  const db = openWriter(path);
  onTestFinished(() => void db.close());
  const writer = new IndexWriter(db, { queue: true, underControl: false });
  const group = new GroupCommit(db, writer);
  const forget = vi.spyOn(writer, 'forgetCaches');
  const run = (operation: keyof WriteOperations, ...args: unknown[]): unknown => {
    const [outcome] = group.run([{ id: 1, operation, args }]).outcomes;
    if (outcome === undefined || 'error' in outcome) throw outcome?.error ?? new Error('no outcome');
    return outcome.value;
  };
  return {
    db,
    run,
    add: (sop: string) => run('addInstance', newInstance({ sop: `1.2.3.1.${sop}` })) as { instanceId: number },
    /** Whether the caches have been dropped since the last question. */
    forgot: (): boolean => {
      const called = forget.mock.calls.length > 0;
      forget.mockClear();
      return called;
    },
    marked: () => db.prepare('SELECT count(*) FROM egress_changed').pluck().get(),
  };
}

const OPENING = { destinations: ['national'], at: 1, quietMs: 0, deadlineMs: null, limit: 10 };

test('a commit of the queue, the registers or the reports leaves what the writer of objects remembers', () => {
  const path = databaseFile();
  const [node, egress] = [openProcess(path), openProcess(path)];
  node.add('1');
  node.add('2');
  node.forgot();
  egress.run('queueOpen', OPENING);
  node.add('3');
  egress.run('queuePrioritise', '1.2.3', 0);
  node.add('4');
  expect(node.forgot()).toBe(false);
  expect(wrongCounts(node.db)).toEqual([]);
});

test('what another adds, drops or clears makes it look again', () => {
  const path = databaseFile();
  const [node, other] = [openProcess(path), openProcess(path)];
  node.add('1');
  node.forgot();
  const { instanceId } = other.add('2');
  expect(node.add('3').instanceId).toBe(3);
  expect(node.forgot()).toBe(true);

  other.run('dropInstance', instanceId);
  node.add('4');
  expect(node.forgot()).toBe(true);

  other.run('clearIndex');
  expect(node.add('5').instanceId).toBe(5);
  expect(node.forgot()).toBe(true);
  expect(wrongCounts(node.db)).toEqual([]);
});

test('a mark that the engine has taken is made again by the next object of the study', () => {
  const path = databaseFile();
  const [node, egress] = [openProcess(path), openProcess(path)];
  node.add('1');
  expect(node.marked()).toBe(1);
  egress.run('queueOpen', OPENING);
  egress.run('queueComplete', {
    destinations: ['national'],
    deadlineMs: null,
    at: Date.now() + 1e12,
    quietMs: 0,
    limit: 10,
  });
  expect(node.marked()).toBe(0);
  node.add('2');
  expect(node.marked()).toBe(1);
});
