import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { backOff } from './back-off.ts';

const LADDER = [
  { times: 5, delay: 60_000 },
  { times: 12, delay: 300_000 },
  { times: 2, delay: 3_600_000 },
];

test.for([
  [1, 60_000],
  [5, 60_000],
  [6, 300_000],
  [17, 300_000],
  [18, 3_600_000],
  [19, 3_600_000],
  [20, undefined],
] as const)('after %i failures the wait is %s ms', ([failures, delay]) => {
  expect(backOff(LADDER, failures, () => 0.5)).toBe(delay);
});

test('jitter stays within a fifth of the step', () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 19 }),
      fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true }),
      (failures, r) => {
        const plain = backOff(LADDER, failures, () => 0.5)!;
        const wait = backOff(LADDER, failures, () => r)!;
        expect(wait).toBeGreaterThanOrEqual(plain * 0.8 - 1);
        expect(wait).toBeLessThanOrEqual(plain * 1.2 + 1);
      },
    ),
  );
});
