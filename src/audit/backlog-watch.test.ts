import { expect, test } from 'vitest';
import { BacklogWatch, backlogAge, isOverdue } from './backlog-watch.ts';

const limits = { warnMessages: 100, warnAge: 1000 };

test.each([
  [0, null, false],
  [99, 9001, false],
  [100, 10_000, true],
  [1, 9000, true],
  [1, 9001, false],
])('%i messages, the oldest of %s, at 10000: overdue %s', (messages, oldestAt, overdue) => {
  expect(isOverdue({ messages, oldestAt }, limits, 10_000)).toBe(overdue);
  expect(backlogAge({ messages, oldestAt }, 10_000)).toBe(oldestAt === null ? 0 : 10_000 - oldestAt);
});

test('it is said once that too much waits, and once that it no longer does', async () => {
  const told: string[] = [];
  let messages = 0;
  const watch = new BacklogWatch({
    limits,
    backlog: () => (messages < 0 ? Promise.reject(new Error('closed')) : Promise.resolve({ messages, oldestAt: 0 })),
    events: { over: (waiting) => told.push(`over ${waiting.messages}`), below: () => told.push('below') },
    now: () => 0,
  });
  for (messages of [5, 100, 3000, -1, 400, 7, 8]) await watch.look();
  expect(told).toEqual(['over 100', 'below']);
});
