import { zonedDay } from '../core/zoned-day.ts';

/** Calendar days are texts YYYYMMDD here, which sort as they follow. */

/** Whole years from birth to a day; somebody born on 29 February grows older on 1 March. */
export function ageOn(birthDate: string, day: string): number {
  const years = Number(day.slice(0, 4)) - Number(birthDate.slice(0, 4));
  return day.slice(4) < birthDate.slice(4) ? years - 1 : years;
}

export function addDays(day: string, days: number): string {
  const date = new Date(Date.UTC(Number(day.slice(0, 4)), Number(day.slice(4, 6)) - 1, Number(day.slice(6)) + days));
  return date.toISOString().slice(0, 10).replaceAll('-', '');
}

/** The day on which a moment (ms since 1970) falls in Finland. */
export function finnishDay(at: number): string {
  return zonedDay('Europe/Helsinki', at);
}
