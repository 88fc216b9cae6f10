import { join } from 'node:path';
import { expect, test } from 'vitest';
import { loadProfile } from '../profile/load-profile.ts';
import { isHoliday } from './holidays.ts';
import { clock, officeState } from './office-hours.ts';

const { support } = loadProfile(join(import.meta.dirname, '../../config/profiles/kuv-sim-1.yaml'));

function at(moment: string): string {
  const state = officeState(Date.parse(moment), support);
  return state === undefined ? 'never' : `${state.open ? 'until' : 'from'} ${state.day} ${clock(state.minutes)}`;
}

test.each([
  // Wednesday, winter time: UTC+2.
  ['2026-11-25T04:59:00Z', 'from 20261125 07:00'],
  ['2026-11-25T05:00:00Z', 'until 20261125 17:00'],
  ['2026-11-25T14:59:59Z', 'until 20261125 17:00'],
  ['2026-11-25T15:00:00Z', 'from 20261126 07:00'],
  // Summer time: UTC+3.
  ['2026-07-01T03:59:00Z', 'from 20260701 07:00'],
  ['2026-07-01T04:00:00Z', 'until 20260701 17:00'],
  // Friday evening, and Sunday on which it is Monday in Helsinki already.
  ['2026-11-27T20:00:00Z', 'from 20261130 07:00'],
  ['2026-11-29T22:30:00Z', 'from 20261130 07:00'],
  // Christmas Eve 2026 is a Thursday: closed until Monday.
  ['2026-12-24T10:00:00Z', 'from 20261228 07:00'],
  // Good Friday to Easter Monday 2027.
  ['2027-03-26T10:00:00Z', 'from 20270330 07:00'],
])('at %s the office is reached %s', (moment, expected) => {
  expect(at(moment)).toBe(expected);
});

test('Finnish holidays of three years, as calendars have them', () => {
  const expected: Record<number, string[]> = {
    // Epiphany, Good Friday, Easter Monday, May Day, Ascension, Midsummer Eve and Day, All Saints, Independence
    2024: ['0106', '0329', '0401', '0501', '0509', '0621', '0622', '1102', '1206'],
    2026: ['0106', '0403', '0406', '0501', '0514', '0619', '0620', '1031', '1206'],
    2038: ['0106', '0423', '0426', '0501', '0603', '0625', '0626', '1106', '1206'],
  };
  for (const [year, days] of Object.entries(expected)) {
    const found: string[] = [];
    for (let ms = Date.UTC(Number(year), 0, 2); ms < Date.UTC(Number(year), 11, 24); ms += 86_400_000) {
      const day = new Date(ms).toISOString().slice(0, 10).replaceAll('-', '');
      if (isHoliday(day, support.holidays)) found.push(day.slice(4));
    }
    expect(found, year).toEqual(days);
  }
});

test('an office that has no days never opens', () => {
  expect(officeState(Date.now(), { ...support, office: { ...support.office, days: [] } })).toBeUndefined();
});
