/**
 * Times and date-times are compared as text, which is right for values of any precision when the bounds are cut as
 * here: a missing component of a stored value counts as zero, a bound covers the whole unit that it names
 * (`10-11` takes 11:59:59; PS3.4 C.2.2.2.5 leaves this to the implementation).
 */
const AFTER_ALL_DIGITS = '~';

/** The least text that is not before `time`; '' for midnight. */
export function lowestTime(time: string): string {
  return time
    .replace(/(\.\d*?)0*$/, (_all, fraction: string) => (fraction === '.' ? '' : fraction))
    .replace(/^((?:\d{2})*?)(?:00)*$/, '$1');
}

export function highestTime(time: string): string {
  return `${time}${AFTER_ALL_DIGITS}`;
}

/** As `lowestTime`, for YYYYMMDD with a time after it: only zeros of the time may go. */
export function lowestDateTime(local: string): string {
  const day = local.slice(0, 8);
  return day.length < 8 ? day : `${day}${lowestTime(local.slice(8))}`;
}

/** Milliseconds that a local DT of this precision spans: a month all of its days. */
export function spanMs(local: string): number {
  const fraction = local.indexOf('.');
  if (fraction >= 0) return Math.max(1, 10 ** (3 - (local.length - fraction - 1)));
  const year = Number(local.slice(0, 4));
  const month = Number(local.slice(4, 6));
  switch (local.length) {
    case 4:
      return Date.UTC(year + 1, 0) - Date.UTC(year, 0);
    case 6:
      return Date.UTC(year, month) - Date.UTC(year, month - 1);
    case 8:
      return 86_400_000;
    case 10:
      return 3_600_000;
    case 12:
      return 60_000;
    default:
      return 1000;
  }
}
