import { expect, test } from 'vitest';
import { ReadAhead } from './read-ahead.ts';

interface Item {
  readonly n: number;
  readonly size: number;
}

/** Items of one size, which are opened, and closed when they are let go. */
function reading(count: number, size: number) {
  const opened: number[] = [];
  const closed: number[] = [];
  const items = Array.from({ length: count }, (_, n): Item => ({ n, size }));
  const ahead = new ReadAhead(items, ({ n }) => {
    opened.push(n);
    return Promise.resolve({ content: Buffer.alloc(0), used: () => undefined, close: () => void closed.push(n) });
  });
  return { ahead, opened, closed };
}

test('everything is opened once, in its order, and ahead of its turn', async () => {
  const { ahead, opened, closed } = reading(100, 1000);
  for (let n = 0; n < 100; n++) {
    expect(opened.length).toBeGreaterThan(n);
    expect(ahead.take()?.item.n).toBe(n);
    expect(ahead.isEmpty).toBe(n === 99);
    if (n < 98) expect(opened.length).toBeGreaterThan(n + 2);
  }
  expect(ahead.take()).toBeUndefined();
  expect(opened).toEqual(Array.from({ length: 100 }, (_, n) => n));
  await ahead[Symbol.asyncDispose]();
  expect(closed).toEqual([]);
});

test('only so many bytes are held, and one object at least', () => {
  const { ahead, opened } = reading(50, 600_000);
  for (let n = 0; n < 50; n++) {
    expect(opened.length - n).toBeLessThanOrEqual(14);
    expect(ahead.take()?.item.n).toBe(n);
  }
  const large = reading(3, 1e9);
  expect(large.opened).toEqual([0]);
  large.ahead.take();
  expect(large.opened).toEqual([0, 1]);
});

test('what nobody takes is told and closed, and no more is opened', async () => {
  const { ahead, opened, closed } = reading(100, 1000);
  ahead.take();
  expect(ahead.rest().map(({ n }) => n)).toEqual(Array.from({ length: 99 }, (_, n) => n + 1));
  const before = opened.length;
  await ahead[Symbol.asyncDispose]();
  expect(closed).toEqual(opened.slice(1));
  expect(ahead.take()).toBeUndefined();
  expect(opened.length).toBe(before);
});
