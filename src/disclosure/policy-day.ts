const FORMATS = new Map<string, Intl.DateTimeFormat>();

/** The day YYYYMMDD on which a moment falls in a time zone. */
export function dayIn(timezone: string, at: number): string {
  let format = FORMATS.get(timezone);
  if (format === undefined) {
    format = new Intl.DateTimeFormat('en-CA', {
      timeZone: timezone,
      year: 'numeric',
      month: '2-digit',
      day: '2-digit',
    });
    FORMATS.set(timezone, format);
  }
  return format.format(at).replaceAll('-', '');
}

/** The moment at which a day YYYYMMDD begins in a time zone, ms since 1970. */
export function startOfDay(timezone: string, day: string): number {
  const midnight = Date.UTC(Number(day.slice(0, 4)), Number(day.slice(4, 6)) - 1, Number(day.slice(6, 8)));
  // Zones are within 14 hours of UTC, and no zone changes its offset by more than a quarter of an hour's multiple.
  const quarter = 900_000;
  let at = midnight - 14 * 3_600_000;
  while (dayIn(timezone, at) < day) at += quarter;
  return at;
}

/** Whether something with a beginning and an end is in force at a moment. */
export function inForce(row: { readonly validFrom: number; readonly validUntil: number | null }, at: number): boolean {
  return row.validFrom <= at && (row.validUntil === null || at < row.validUntil);
}
