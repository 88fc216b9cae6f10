import type { Profile } from '../profile/profile.ts';
import { WEEKDAYS } from '../profile/support-section.ts';

const DAY_MS = 86_400_000;

/** Whether a day (YYYYMMDD) is one of the holidays. */
export function isHoliday(day: string, { yearly, easter, movable }: Profile['support']['holidays']): boolean {
  const year = Number(day.slice(0, 4));
  const sunday = easterSunday(year);
  return (
    yearly.includes(day.slice(4)) ||
    easter.some((offset) => text(sunday + offset * DAY_MS) === day) ||
    movable.some(({ weekday, from }) => firstWeekday(weekday, `${day.slice(0, 4)}${from}`) === day)
  );
}

/** mon to sun, of a day (YYYYMMDD). */
export function weekdayOf(day: string): (typeof WEEKDAYS)[number] {
  // 0 is Sunday.
  return WEEKDAYS[(new Date(utc(day)).getUTCDay() + 6) % 7]!;
}

/** The day after, YYYYMMDD. */
export function dayAfter(day: string): string {
  return text(utc(day) + DAY_MS);
}

function firstWeekday(weekday: (typeof WEEKDAYS)[number], from: string): string {
  let day = from;
  while (weekdayOf(day) !== weekday) day = dayAfter(day);
  return day;
}

/** Easter Sunday of a Gregorian year, by the anonymous algorithm of Meeus (Astronomical Algorithms, chapter 8). */
function easterSunday(year: number): number {
  const [a, b, c] = [year % 19, Math.floor(year / 100), year % 100];
  const d = (19 * a + b - Math.floor(b / 4) - Math.floor((b - Math.floor((b + 8) / 25) + 1) / 3) + 15) % 30;
  const e = (32 + 2 * (b % 4) + 2 * Math.floor(c / 4) - d - (c % 4)) % 7;
  const f = d + e - 7 * Math.floor((a + 11 * d + 22 * e) / 451) + 114;
  return Date.UTC(year, Math.floor(f / 31) - 1, (f % 31) + 1);
}

function utc(day: string): number {
  return Date.UTC(Number(day.slice(0, 4)), Number(day.slice(4, 6)) - 1, Number(day.slice(6)));
}

function text(ms: number): string {
  return new Date(ms).toISOString().slice(0, 10).replaceAll('-', '');
}
