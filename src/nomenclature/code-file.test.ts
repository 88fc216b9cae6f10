import { expect, test } from 'vitest';
import type { ConfigError } from '../config/config-error.ts';
import { parseCodeFile } from './code-file.ts';

function problemsOf(content: string): readonly string[] {
  try {
    parseCodeFile(content, 'codes');
  } catch (error) {
    return (error as ConfigError).problems;
  }
  throw new Error('the file was accepted');
}

const ENTRY = { code: 'ZA1AD', name: 'Pään "TT"; natiivi', validFrom: '20100101', validTo: '20301231' };

test.each([
  [JSON.stringify([{ ...ENTRY, validFrom: '2010-01-01', validTo: '2030-12-31', extra: 1 }])],
  [JSON.stringify({ oid: '1.2', codes: [ENTRY] })],
  ['\uFEFFCodeId;LongName;BeginDate;ExpirationDate\r\nZA1AD;"Pään ""TT""; natiivi";1.1.2010;31.12.2030\r\n'],
  ['code,name,validFrom,validTo\nZA1AD,"Pään ""TT""; natiivi",2010-01-01T00:00:00,2030-12-31\n\n'],
  ['Koodi\tNimi\tVoimassaolo alkaa\tVoimassaolo päättyy\nZA1AD\t"Pään ""TT""; natiivi"\t20100101\t20301231'],
])('%j is read', (content) => {
  expect(parseCodeFile(content, 'codes')).toEqual([ENTRY]);
});

test('titles can be named; what has no end goes on', () => {
  const content = 'AVAIN;TEKSTI;ALKU\nZA1AD;Pää;1.1.2010';
  expect(parseCodeFile(content, 'codes', { code: 'avain', name: 'teksti', validFrom: 'alku' })).toEqual([
    { code: 'ZA1AD', name: 'Pää', validFrom: '20100101', validTo: '' },
  ]);
});

test.each([
  ['', 'no column tells code'],
  ['[]', 'there are no codes in it'],
  ['{"a":1}', 'write a list of'],
  ['[{', 'not valid JSON'],
  ['code;validFrom\nZA1AD;yesterday', 'codes:2: validFrom is yesterday'],
  ['code;validFrom\nZA 1AD;20100101', 'codes:2: code is "ZA 1AD"'],
  ['code;validFrom;validTo\nZA1AD;20100101;20090101', 'codes:2: code ZA1AD ends before it begins'],
  ['code;validFrom\nZA1AD;20100101\nZA1AD;20200101', 'periods of code ZA1AD overlap'],
  ['code;name\nZA1AD;x', 'no column tells validFrom'],
])('%j is refused', (content, problem) => {
  expect(problemsOf(content)[0]).toContain(problem);
});
