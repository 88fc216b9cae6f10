const DAY_MS = 86_400_000;

/** A DA value in the form that is stored and compared: ACR-NEMA's dots removed (PS3.5 6.2 note on DA). */
export function canonicalDate(value: string): string {
  return /^\d{4}\.\d{2}\.\d{2}$/.test(value) ? value.replaceAll('.', '') : value;
}

/** A TM value without ACR-NEMA's colons. */
export function canonicalTime(value: string): string {
  return /^\d{2}:\d{2}(:\d{2}(\.\d{1,6})?)?$/.test(value) ? value.replaceAll(':', '') : value;
}

/** Milliseconds of a calendar day read as UTC; undefined when `date` is no YYYYMMDD of the calendar. */
export function dayMs(date: string): number | undefined {
  const match = /^(\d{4})(\d{2})(\d{2})$/.exec(date);
  if (match === null) return undefined;
  const [year, month, day] = [Number(match[1]), Number(match[2]), Number(match[3])];
  const time = new Date(0);
  time.setUTCFullYear(year, month - 1, day);
  return time.getUTCMonth() === month - 1 && time.getUTCDate() === day ? time.getTime() : undefined;
}

/** Milliseconds into the day of a TM value of any precision; undefined when it is none. */
export function timeOfDayMs(time: string): number | undefined {
  const match = /^(\d{2})(?:(\d{2})(?:(\d{2})(?:\.(\d{1,6}))?)?)?$/.exec(time);
  if (match === null) return undefined;
  const [hours, minutes, seconds] = [Number(match[1]), Number(match[2] ?? 0), Number(match[3] ?? 0)];
  if (hours > 23 || minutes > 59 || seconds > 60) return undefined;
  const fraction = Math.floor(Number(`0.${match[4] ?? '0'}`) * 1000);
  return Math.min(((hours * 60 + minutes) * 60 + seconds) * 1000 + fraction, DAY_MS - 1);
}

/** Local date and time as ms, read as if UTC; a study without a time counts from midnight. Null without a date. */
export function instantMs(date: string, time: string): number | null {
  const day = dayMs(date);
  return day === undefined ? null : day + (timeOfDayMs(time) ?? 0);
}

/** Minutes east of UTC of a `+HHMM` text (PS3.3 C.12.1.1.8); null when it is none. */
export function offsetMinutes(text: string): number | null {
  const match = /^([+-])(\d{2})(\d{2})$/.exec(text);
  if (match === null) return null;
  const minutes = Number(match[2]) * 60 + Number(match[3]);
  if (Number(match[3]) > 59 || minutes > 14 * 60) return null;
  return match[1] === '-' ? -minutes : minutes;
}

export function offsetText(minutes: number): string {
  const size = Math.abs(minutes);
  const digits = (value: number): string => String(value).padStart(2, '0');
  return `${minutes < 0 ? '-' : '+'}${digits(Math.floor(size / 60))}${digits(size % 60)}`;
}

/** A DT value (PS3.5 6.2) taken apart: `local` is YYYY[MM[DD[HH[MM[SS[.F]]]]]], `offset` minutes east of UTC or null. */
export function splitDateTime(value: string): { readonly local: string; readonly offset: number | null } | undefined {
  const match = /^(\d{4}(?:\d{2}){0,5}(?:\.\d{1,6})?)([+-]\d{4})?$/.exec(value);
  if (match?.[1] === undefined || (match[1].includes('.') && match[1].indexOf('.') !== 14)) return undefined;
  const offset = match[2] === undefined ? null : offsetMinutes(match[2]);
  return match[2] !== undefined && offset === null ? undefined : { local: match[1], offset };
}

/** The first millisecond of a local DT of any precision, read as if UTC; undefined when it is no date. */
export function localDateTimeMs(local: string): number | undefined {
  const day = dayMs(`${local.slice(0, 4)}${local.slice(4, 6) || '01'}${local.slice(6, 8) || '01'}`);
  if (day === undefined) return undefined;
  const time = local.length > 8 ? timeOfDayMs(local.slice(8)) : 0;
  return time === undefined ? undefined : day + time;
}

/** The instant of a DT value; `defaultOffset` is the object's Timezone Offset From UTC. Undefined when no offset is known. */
export function dateTimeUtcMs(value: string, defaultOffset: number | null): number | undefined {
  const parts = splitDateTime(value);
  const offset = parts?.offset ?? defaultOffset;
  if (parts === undefined || offset === null) return undefined;
  const local = localDateTimeMs(parts.local);
  return local === undefined ? undefined : local - offset * 60_000;
}
