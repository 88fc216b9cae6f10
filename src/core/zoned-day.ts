const HOUR_MS = 3_600_000;

// Making a format takes a hundred times as long as using it.
const FORMATS = new Map<string, Intl.DateTimeFormat>();

/** The calendar day that a moment (ms since 1970 UTC) falls on in a time zone (IANA name), as YYYYMMDD. */
export function zonedDay(timeZone: string, ms: number): string {
  let format = FORMATS.get(timeZone);
  if (format === undefined) {
    // The Swedish format is YYYY-MM-DD.
    format = new Intl.DateTimeFormat('sv-SE', { timeZone, dateStyle: 'short' });
    FORMATS.set(timeZone, format);
  }
  return format.format(ms).replaceAll('-', '');
}

/** The first moment of the next calendar day in a time zone, in ms since 1970 UTC. */
export function nextMidnight(timeZone: string, ms: number): number {
  const today = zonedDay(timeZone, ms);
  let [before, after] = [ms, ms + HOUR_MS];
  // By hours, since days have 23 to 25 of them where clocks are changed.
  while (zonedDay(timeZone, after) === today) [before, after] = [after, after + HOUR_MS];
  while (after - before > 1) {
    const middle = Math.floor((before + after) / 2);
    if (zonedDay(timeZone, middle) === today) before = middle;
    else after = middle;
  }
  return after;
}

/** Days from one to another, both YYYYMMDD; negative when `to` is earlier. */
export function daysBetween(from: string, to: string): number {
  return Math.round((utcOf(to) - utcOf(from)) / (24 * HOUR_MS));
}

/** YYYYMMDD as people read it: 2026-01-31. */
export function shownDay(day: string): string {
  return day === '' ? '' : `${day.slice(0, 4)}-${day.slice(4, 6)}-${day.slice(6)}`;
}

/** YYYYMMDD of a day written as 2026-01-31, 20260131 or 31.1.2026; undefined when there is no such day. */
export function parseDay(text: string): string | undefined {
  const iso = /^(\d{4})-?(\d{2})-?(\d{2})$/.exec(text.trim());
  const finnish = /^(\d{1,2})\.(\d{1,2})\.(\d{4})$/.exec(text.trim());
  const day =
    iso !== null
      ? `${iso[1]}${iso[2]}${iso[3]}`
      : finnish !== null
        ? `${finnish[3]}${finnish[2]?.padStart(2, '0')}${finnish[1]?.padStart(2, '0')}`
        : '';
  return day !== '' && new Date(utcOf(day) || 0).toISOString().startsWith(shownDay(day)) ? day : undefined;
}

function utcOf(day: string): number {
  return Date.parse(`${shownDay(day)}T00:00:00Z`);
}
