import fc from 'fast-check';
import { expect, test } from 'vitest';
import { daysBetween, nextMidnight, parseDay, shownDay, zonedDay } from './zoned-day.ts';

const ZONE = 'Europe/Helsinki';

test('the day changes at midnight of the zone, in winter and in summer', () => {
  expect(zonedDay(ZONE, Date.UTC(2026, 0, 31, 21, 59, 59, 999))).toBe('20260131');
  expect(zonedDay(ZONE, Date.UTC(2026, 0, 31, 22))).toBe('20260201');
  expect(zonedDay(ZONE, Date.UTC(2026, 6, 31, 21))).toBe('20260801');
  expect(nextMidnight(ZONE, Date.UTC(2026, 0, 31, 21, 59, 59, 999))).toBe(Date.UTC(2026, 0, 31, 22));
  expect(nextMidnight(ZONE, Date.UTC(2026, 0, 31, 22))).toBe(Date.UTC(2026, 1, 1, 22));
  // The last Sunday of March has 23 hours, that of October 25.
  expect(nextMidnight(ZONE, Date.UTC(2026, 2, 28, 22))).toBe(Date.UTC(2026, 2, 29, 21));
  expect(nextMidnight(ZONE, Date.UTC(2026, 9, 24, 21))).toBe(Date.UTC(2026, 9, 25, 22));
});

test('at any moment, the day is the same until the next midnight and another from then on', () => {
  fc.assert(
    fc.property(fc.integer({ min: 0, max: Date.UTC(2060, 0, 1) }), (ms) => {
      const midnight = nextMidnight(ZONE, ms);
      expect(zonedDay(ZONE, midnight - 1)).toBe(zonedDay(ZONE, ms));
      expect(daysBetween(zonedDay(ZONE, ms), zonedDay(ZONE, midnight))).toBe(1);
    }),
    { numRuns: 50 },
  );
});

test('days as people and code lists write them', () => {
  expect(['2026-01-31', '20260131', '31.1.2026', ' 01.02.2026 '].map(parseDay)).toEqual([
    '20260131',
    '20260131',
    '20260131',
    '20260201',
  ]);
  expect(['', '2026-02-30', '31.2.2026', '2026-1-1', 'x', '20261301', '0'].map(parseDay)).toEqual(
    Array.from({ length: 7 }, () => undefined),
  );
  expect(shownDay('20260131')).toBe('2026-01-31');
  expect(shownDay('')).toBe('');
});
