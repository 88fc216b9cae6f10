import { nextMidnight, zonedDay } from '../core/zoned-day.ts';
import type { DisclosurePolicy } from './question.ts';

/** The moment at which a day YYYYMMDD begins in a time zone, ms since 1970. */
export function startOfDay(timezone: string, day: string): number {
  const midnight = Date.UTC(Number(day.slice(0, 4)), Number(day.slice(4, 6)) - 1, Number(day.slice(6, 8)));
  // No zone is more than 14 hours from UTC: a day before is never later than the day itself.
  let at = midnight - 48 * 3_600_000;
  while (zonedDay(timezone, at) < day) at = nextMidnight(timezone, at);
  return at;
}

/** Whether something with a beginning and an end is in force at a moment. */
export function inForce(row: { readonly validFrom: number; readonly validUntil: number | null }, at: number): boolean {
  return row.validFrom <= at && (row.validUntil === null || at < row.validUntil);
}

/** Whether somebody born on a day YYYYMMDD was a minor at a moment; without a birth date nobody can say so. */
export function wasMinor(birthDate: string, policy: DisclosurePolicy, at: number): boolean {
  if (birthDate === '') return false;
  const years = Number(zonedDay(policy.timezone, at)) - Number(birthDate);
  return years < policy.guardianUntilAge * 10_000;
}
