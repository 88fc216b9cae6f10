/** An HL7 TS value (CDA R2 data types): `YYYY[MM[DD[HH[MM[SS[.F]]]]]][+ZZZZ]`. */
export interface CdaTime {
  /** As written. */
  readonly text: string;
  /** YYYYMMDD, shorter when the value is less precise. */
  readonly date: string;
  readonly hasTime: boolean;
  readonly hasZone: boolean;
  /** Milliseconds since 1970 of the first moment that is meant; a value without a zone is read as UTC. */
  readonly ms: number;
}

const TS = /^(\d{4})(\d{2})?(\d{2})?(?:(\d{2})(\d{2})?(\d{2})?(?:\.(\d{1,6}))?)?(?:([+-])(\d{2})(\d{2}))?$/;

/** Undefined when the value is no TS, or no moment of the calendar. */
export function cdaTime(text: string): CdaTime | undefined {
  const match = TS.exec(text);
  if (match === null) return undefined;
  const part = (at: number, missing: number): number => (match[at] === undefined ? missing : Number(match[at]));
  const [year, month, day] = [part(1, 0), part(2, 1), part(3, 1)];
  const [hour, minute, second] = [part(4, 0), part(5, 0), part(6, 0)];
  // Hours stand behind a whole date only, else they would be read as month or day.
  if (hour > 23 || minute > 59 || second > 60 || part(10, 0) > 59 || part(9, 0) > 14) return undefined;
  const moment = new Date(0);
  moment.setUTCFullYear(year, month - 1, day);
  if (moment.getUTCMonth() !== month - 1 || moment.getUTCDate() !== day) return undefined;
  moment.setUTCHours(hour, minute, second, Math.floor(Number(`0.${match[7] ?? '0'}`) * 1000));
  const offset = (part(9, 0) * 60 + part(10, 0)) * (match[8] === '-' ? -1 : 1);
  return {
    text,
    date: `${match[1]}${match[2] ?? ''}${match[3] ?? ''}`,
    hasTime: match[4] !== undefined,
    hasZone: match[8] !== undefined,
    ms: moment.getTime() - offset * 60_000,
  };
}
