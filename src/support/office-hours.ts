import { zonedDay } from '../core/zoned-day.ts';
import type { Profile } from '../profile/profile.ts';
import { dayAfter, isHoliday, weekdayOf } from './holidays.ts';

/** Whether the office can be reached at a moment, and when that changes next: a local day (YYYYMMDD) and minutes since its midnight. */
export interface OfficeState {
  readonly open: boolean;
  readonly day: string;
  readonly minutes: number;
}

// Enough for every holiday in a row; an office that never opens has none.
const LOOK_AHEAD_DAYS = 31;

/** The state at `ms` since 1970 UTC; undefined when the office is closed and does not open within a month. */
export function officeState(ms: number, { office, holidays, timeZone }: Profile['support']): OfficeState | undefined {
  const today = zonedDay(timeZone, ms);
  const now = minutesOf(ms, timeZone);
  const works = (day: string): boolean => office.days.includes(weekdayOf(day)) && !isHoliday(day, holidays);
  if (works(today) && now >= office.from && now < office.to) return { open: true, day: today, minutes: office.to };
  let day = now < office.from ? today : dayAfter(today);
  for (let ahead = 0; ahead < LOOK_AHEAD_DAYS; ahead++, day = dayAfter(day))
    if (works(day)) return { open: false, day, minutes: office.from };
  return undefined;
}

/** Minutes as `07:00`. */
export function clock(minutes: number): string {
  const two = (value: number): string => String(value).padStart(2, '0');
  return `${two(Math.floor(minutes / 60))}:${two(minutes % 60)}`;
}

function minutesOf(ms: number, timeZone: string): number {
  const [hours = 0, minutes = 0] = new Intl.DateTimeFormat('sv-SE', { timeZone, hour: '2-digit', minute: '2-digit' })
    .format(ms)
    .split(':')
    .map(Number);
  return hours * 60 + minutes;
}
