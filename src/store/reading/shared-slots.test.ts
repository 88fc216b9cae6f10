import { expect, test } from 'vitest';
import { SharedSlots } from './shared-slots.ts';

test('memory that is given back serves again where it is long enough', () => {
  const slots = new SharedSlots();
  const first = slots.take(100_000);
  expect(first.isNew).toBe(true);
  expect(first.slot.memory.byteLength).toBeGreaterThanOrEqual(100_000);
  slots.give(first.slot);
  expect(slots.take(500_000).slot).not.toBe(first.slot);
  expect(slots.take(90_000)).toEqual({ slot: first.slot, isNew: false });
  expect(slots.take(90_000).isNew).toBe(true);
});

test('no more is kept than a few megabytes, and what is given up is told', () => {
  const slots = new SharedSlots();
  const taken = Array.from({ length: 30 }, () => slots.take(1_000_000).slot);
  const given = taken.flatMap((slot) => slots.give(slot));
  expect(given).toEqual(taken.slice(0, given.length).map(({ id }) => id));
  const kept = taken.length - given.length;
  expect(kept).toBeGreaterThan(8);
  expect(kept).toBeLessThanOrEqual(16);
  for (let n = 0; n < kept; n++) expect(slots.take(1_000_000).isNew).toBe(false);
  expect(slots.take(1_000_000).isNew).toBe(true);
});
