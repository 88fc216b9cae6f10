import { expect, test } from 'vitest';
import { ObjectMemory } from './object-memory.ts';

test('gives the memory of one object to the next that is no longer', () => {
  const memory = new ObjectMemory();
  const first = memory.take(1000);
  memory.give(first.buffer);
  const second = memory.take(900);
  expect(second.buffer).toBe(first.buffer);
  expect(second.length).toBe(900);
  memory.give(second.buffer);
  const longer = memory.take(1001);
  expect(longer.buffer).not.toBe(first.buffer);
  expect(longer.length).toBe(1001);
});
