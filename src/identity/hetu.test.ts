import fc from 'fast-check';
import { expect, test } from 'vitest';
import { looksLikeHetu, parseHetu } from './hetu.ts';

// Published test codes: none belongs to a person.
const VALID =
  `010594Y9032 010594Y9021 020594X903P 020594X902N 030594W903B 030694W9024 040594V9030 040594V902Y 050594U903M 050594U902L
  010516B903X 010516B902W 020516C903K 020516C902J 030516D9037 030516D9026 010501E9032 020502E902X 020503F9037 020504A902E 020504B904H
  010181-900C 131052-308T 010280-952L 010469-999W 010675-9981 261298-998X 040265-9985 260991-999R 020365-999P`.split(
    /\s+/,
  );

test.each(VALID)('%s is valid', (text) => {
  expect(parseHetu(text)).toMatchObject({ hetu: { text } });
  expect(looksLikeHetu(text)).toBe(true);
});

test.each([
  ['010190-999K', 'check'],
  ['010190-999X', 'check'],
  ['290200-900X', 'date'],
  ['310694-9030', 'date'],
  ['001094-9030', 'date'],
  ['010594-000F', 'serial'],
  ['010594-001H', 'serial'],
  ['010594Z9032', 'shape'],
  ['0105949032', 'shape'],
  ['010594Y903', 'shape'],
  ['', 'shape'],
  ['PID-1', 'shape'],
])('%s is not: %s', (text, fault) => {
  expect(parseHetu(text)).toEqual({ fault });
});

test('29 February is a day in 2000 and none in 1900', () => {
  expect(parseHetu(withCheck('290200', 'A', '902'))).toMatchObject({ hetu: { birthDate: '20000229' } });
  expect(parseHetu(withCheck('290200', '-', '902'))).toEqual({ fault: 'date' });
});

test('what it says of its bearer', () => {
  expect(parseHetu('131052-308T')).toEqual({
    hetu: { text: '131052-308T', birthDate: '19521013', sex: 'F', serial: 308, isTestSeries: false },
  });
  expect(parseHetu(' 010594y9032 ')).toMatchObject({
    hetu: { text: '010594Y9032', birthDate: '19940501', sex: 'M', isTestSeries: true },
  });
  expect(parseHetu(withCheck('010150', '+', '901'))).toMatchObject({ hetu: { birthDate: '18500101' } });
});

const date = fc.date({ min: new Date('1850-01-01'), max: new Date('2049-12-31'), noInvalidDate: true });
const anyHetu = fc.tuple(date, fc.integer({ min: 2, max: 999 }), fc.nat()).map(([day, serial, pick]) => {
  const iso = day.toISOString();
  const signs = { 18: '+', 19: '-YXWVU', 20: 'ABCDEF' }[iso.slice(0, 2)] ?? '';
  const ddmmyy = `${iso.slice(8, 10)}${iso.slice(5, 7)}${iso.slice(2, 4)}`;
  return { iso, serial, text: withCheck(ddmmyy, signs[pick % signs.length] ?? '', String(serial).padStart(3, '0')) };
});

test('every day, century sign and serial makes a valid code that reads back', () => {
  fc.assert(
    fc.property(anyHetu, ({ iso, serial, text }) => {
      expect(parseHetu(text)).toEqual({
        hetu: {
          text,
          birthDate: iso.slice(0, 10).replaceAll('-', ''),
          sex: serial % 2 === 1 ? 'M' : 'F',
          serial,
          isTestSeries: serial >= 900,
        },
      });
    }),
  );
});

test('one wrong digit is always found', () => {
  fc.assert(
    fc.property(
      anyHetu,
      fc.constantFrom(0, 1, 2, 3, 4, 5, 7, 8, 9),
      fc.integer({ min: 1, max: 9 }),
      ({ text }, at, by) => {
        const digit = String((Number(text[at]) + by) % 10);
        expect(parseHetu(`${text.slice(0, at)}${digit}${text.slice(at + 1)}`)).toHaveProperty('fault');
      },
    ),
  );
});

function withCheck(ddmmyy: string, sign: string, serial: string): string {
  return `${ddmmyy}${sign}${serial}${'0123456789ABCDEFHJKLMNPRSTUVWXY'[Number(`${ddmmyy}${serial}`) % 31]}`;
}
