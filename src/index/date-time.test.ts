import { expect, test } from 'vitest';
import {
  canonicalDate,
  canonicalTime,
  dateTimeUtcMs,
  dayMs,
  instantMs,
  offsetMinutes,
  offsetText,
  splitDateTime,
  timeOfDayMs,
} from './date-time.ts';

test.each([
  ['20260228', Date.UTC(2026, 1, 28)],
  ['20240229', Date.UTC(2024, 1, 29)],
  ['00010101', -62_135_596_800_000],
  ['20260229', undefined],
  ['20261301', undefined],
  ['202601', undefined],
  ['', undefined],
])('day %j', (text, expected) => {
  expect(dayMs(text)).toBe(expected);
});

test.each([
  ['00', 0],
  ['1011', 36_660_000],
  ['101112', 36_672_000],
  ['101112.5', 36_672_500],
  ['101112.123456', 36_672_123],
  ['235960', 86_399_999],
  ['24', undefined],
  ['1060', undefined],
  ['1', undefined],
  ['101112.', undefined],
])('time %j', (text, expected) => {
  expect(timeOfDayMs(text)).toBe(expected);
});

test.each([
  ['+0200', 120],
  ['-0330', -210],
  ['+1400', 840],
  ['+1401', null],
  ['+0260', null],
  ['0200', null],
])('offset %j', (text, expected) => {
  expect(offsetMinutes(text)).toBe(expected);
  if (expected !== null) expect(offsetText(expected)).toBe(text);
});

test('old forms of dates and times are read as the present ones', () => {
  expect([canonicalDate('2026.01.02'), canonicalTime('10:11:12.5'), canonicalTime('10:11')]).toEqual([
    '20260102',
    '101112.5',
    '1011',
  ]);
  expect([canonicalDate('unknown'), canonicalTime('noon')]).toEqual(['unknown', 'noon']);
});

test('a study without a time counts from midnight, one without a date has no instant', () => {
  expect([instantMs('20260102', ''), instantMs('20260102', 'noon'), instantMs('', '10')]).toEqual([
    Date.UTC(2026, 0, 2),
    Date.UTC(2026, 0, 2),
    null,
  ]);
});

test('the offset of a date-time goes before that of its object', () => {
  expect(dateTimeUtcMs('20260102101112+0200', -300)).toBe(Date.UTC(2026, 0, 2, 8, 11, 12));
  expect(dateTimeUtcMs('2026010210', 120)).toBe(Date.UTC(2026, 0, 2, 8));
  expect(dateTimeUtcMs('2026', 0)).toBe(Date.UTC(2026, 0, 1));
  expect(dateTimeUtcMs('2026010210', null)).toBeUndefined();
  expect([splitDateTime('20260'), splitDateTime('2026.5'), splitDateTime('2026+9900')]).toEqual([
    undefined,
    undefined,
    undefined,
  ]);
});
