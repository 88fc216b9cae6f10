/**
 * Date (DA) and time (TM) of an instant, ms since 1970: in an offset from UTC written as in DICOM (`+0200`), else in an IANA time zone.
 */
export function localDateTime(
  at: number,
  offset: string | undefined,
  timeZone: string,
): { date: string; time: string } {
  const whole = Math.floor(at / 1000) * 1000;
  if (offset !== undefined) {
    const minutes = Number(offset.slice(1, 3)) * 60 + Number(offset.slice(3));
    const shifted = new Date(whole + (offset.startsWith('-') ? -minutes : minutes) * 60_000).toISOString();
    return { date: shifted.slice(0, 10).replaceAll('-', ''), time: shifted.slice(11, 19).replaceAll(':', '') };
  }
  const format = new Intl.DateTimeFormat('en-GB', {
    timeZone,
    year: 'numeric',
    month: '2-digit',
    day: '2-digit',
    hour: '2-digit',
    minute: '2-digit',
    second: '2-digit',
    hourCycle: 'h23',
  });
  const part = Object.fromEntries(format.formatToParts(whole).map(({ type, value }) => [type, value]));
  return {
    date: `${part['year']}${part['month']}${part['day']}`,
    time: `${part['hour']}${part['minute']}${part['second']}`,
  };
}
