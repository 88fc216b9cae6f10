/** What a personal identity code says of its bearer. */
export interface Hetu {
  /** As written, in upper case. Two people may differ by the century sign alone, so that it is never changed. */
  readonly text: string;
  /** YYYYMMDD */
  readonly birthDate: string;
  readonly sex: 'M' | 'F';
  /** 002 to 899 are given to people; 900 to 999 are test and temporary codes. */
  readonly serial: number;
  readonly isTestSeries: boolean;
}

/** `shape`: not DDMMYYCZZZQ; `date`: no such day; `serial`: 000 or 001; `check`: the last character does not fit. */
export type HetuFault = 'shape' | 'date' | 'serial' | 'check';

export type HetuResult = { readonly hetu: Hetu } | { readonly fault: HetuFault };

// Since 2023 a century has several signs, so that there are codes enough.
const CENTURIES = [
  { signs: '+', century: '18' },
  { signs: '-YXWVU', century: '19' },
  { signs: 'ABCDEF', century: '20' },
];
const SHAPE = /^(\d{2})(\d{2})(\d{2})([-+A-FU-Y])(\d{3})([0-9A-Y])$/;
const CHECK_CHARACTERS = '0123456789ABCDEFHJKLMNPRSTUVWXY';
const FIRST_SERIAL = 2;
const FIRST_TEST_SERIAL = 900;

/** Reads a Finnish personal identity code (henkilötunnus, HETU). Padding spaces of VR LO and lower case are accepted. */
export function parseHetu(text: string): HetuResult {
  const upper = text.trim().toUpperCase();
  const match = SHAPE.exec(upper);
  if (match === null) return { fault: 'shape' };
  const [, day = '', month = '', year = '', sign = '', serialText = '', check] = match;
  const century = CENTURIES.find(({ signs }) => signs.includes(sign))?.century;
  const birthDate = `${century}${year}${month}${day}`;
  if (!isCalendarDay(birthDate)) return { fault: 'date' };
  const serial = Number(serialText);
  if (serial < FIRST_SERIAL) return { fault: 'serial' };
  if (CHECK_CHARACTERS[Number(`${day}${month}${year}${serialText}`) % CHECK_CHARACTERS.length] !== check)
    return { fault: 'check' };
  return {
    hetu: {
      text: upper,
      birthDate,
      sex: serial % 2 === 1 ? 'M' : 'F',
      serial,
      isTestSeries: serial >= FIRST_TEST_SERIAL,
    },
  };
}

/** Whether the text was meant as a personal identity code: it has the shape, right or not. */
export function looksLikeHetu(text: string): boolean {
  return SHAPE.test(text.trim().toUpperCase());
}

function isCalendarDay(date: string): boolean {
  const iso = `${date.slice(0, 4)}-${date.slice(4, 6)}-${date.slice(6)}`;
  const time = Date.parse(`${iso}T00:00:00Z`);
  return !Number.isNaN(time) && new Date(time).toISOString().startsWith(iso);
}
