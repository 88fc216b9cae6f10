import { expect, test } from 'vitest';
import { Schedule } from './schedule.ts';

const WORK = { days: [1, 2, 3, 4, 5], from: 7 * 60, to: 17 * 60, rate: 1_000_000 };
const NIGHT = { days: [7], from: 0, to: 24 * 60, rate: 0 };
const schedule = new Schedule([WORK, NIGHT], null, 'Europe/Helsinki');

test.for([
  // Wednesday in winter time, UTC+2.
  ['2026-11-25T04:59:59Z', null],
  ['2026-11-25T05:00:00Z', 1_000_000],
  ['2026-11-25T14:59:59Z', 1_000_000],
  ['2026-11-25T15:00:00Z', null],
  // Wednesday in summer time, UTC+3.
  ['2026-07-01T03:59:00Z', null],
  ['2026-07-01T04:00:00Z', 1_000_000],
  ['2026-07-01T14:00:00Z', null],
  // The Monday after the change to winter time.
  ['2026-10-26T04:30:00Z', null],
  ['2026-10-26T05:00:00Z', 1_000_000],
  // Sunday begins at 22:00 UTC on Saturday; on the day of the change it has 25 hours.
  ['2026-10-24T20:59:59Z', null],
  ['2026-10-24T21:00:00Z', 0],
  ['2026-10-25T21:59:59Z', 0],
  ['2026-10-25T22:00:00Z', null],
] as const)('at %s the rate is %s', ([at, rate]) => {
  expect(schedule.rateAt(Date.parse(at))).toBe(rate);
  expect(schedule.isOpen(Date.parse(at))).toBe(rate !== 0);
});

test('without windows the usual rate holds always', () => {
  expect(new Schedule([], 5000, 'Europe/Helsinki').rateAt(0)).toBe(5000);
});
