import { expect, test } from 'vitest';
import { parseFindKeys } from './find-keys.ts';

test('keys with a value, without one, and with an equals sign in the value', () => {
  expect(parseFindKeys(['PatientID=a=b', 'StudyDate', 'PatientName='])).toEqual({
    PatientID: 'a=b',
    StudyDate: '',
    PatientName: '',
  });
});

test.each([
  ['PatientNam=X', 'did you mean PatientName?'],
  ['patientid', 'did you mean PatientID?'],
  ['Foo=1', '--key Foo: not a keyword of the data dictionary (PS3.6); write such as PatientID'],
  ['=1', 'write such as PatientID'],
  ['__proto__=1', 'not a keyword'],
])('%s is no key', (key, remedy) => {
  expect(() => parseFindKeys([key])).toThrow(remedy);
});
