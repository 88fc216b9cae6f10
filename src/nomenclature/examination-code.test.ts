import { expect, test } from 'vitest';
import { DEFAULT_PROFILE, shippedFile } from '../config/shipped-files.ts';
import { loadProfile } from '../profile/load-profile.ts';
import { anatomyOfCode, codeValidity, examinationCodeOf, isCodeShaped, modalitiesOfCode } from './examination-code.ts';

const PROFILE = loadProfile(shippedFile(DEFAULT_PROFILE));
const [, , RADIOLOGY, ECG] = PROFILE.codes.lists;
if (RADIOLOGY === undefined || ECG === undefined) throw new Error('the profile has other lists');

test('the first five characters are the code', () => {
  expect(['ZA1AD Pää', 'ZA1AD', 'ZA1', 'ZA1  x', ''].map((text) => examinationCodeOf(PROFILE, text))).toEqual([
    'ZA1AD',
    'ZA1AD',
    'ZA1',
    'ZA1',
    '',
  ]);
  expect(
    ['ZA1AD', 'Pään ', 'ZA1', 'za1ad', 'HEAD C', 'HEADS', '13105'].map((text) => isCodeShaped(PROFILE, text)),
  ).toEqual([
    true,
    false,
    false,
    false,
    false,
    false,
    false, // 131052-308T in a description
  ]);
});

test('a code may have several periods', () => {
  const period = (validFrom: string, validTo: string) => ({
    code: 'ZA1AD',
    listOid: RADIOLOGY.oid,
    validFrom,
    validTo,
    name: '',
  });
  const entries = [period('20100101', '20191231'), period('20210101', '')];
  const kinds = ['20091231', '20100101', '20191231', '20200101', '20210101', '20990101', ''].map(
    (day) => codeValidity(PROFILE, entries, 'ZA1AD', day).kind,
  );
  expect(kinds).toEqual(['not-yet', 'valid', 'valid', 'expired', 'valid', 'valid', 'valid']);
  expect(codeValidity(PROFILE, entries, 'ZA1AG', '20200101')).toEqual({ kind: 'unknown' });
});

test('method and anatomy are read from the code as the list says', () => {
  expect(modalitiesOfCode(RADIOLOGY, 'ZA1AD')).toContain('CT');
  expect(modalitiesOfCode(RADIOLOGY, 'ZA1AZ')).toBeUndefined();
  expect(modalitiesOfCode(ECG, 'ZZ9EA')).toBeUndefined();
  expect(anatomyOfCode(RADIOLOGY, 'ZA1AD')).toEqual({ prefix: 'ZA', region: 'fictitious head' });
  expect(anatomyOfCode(RADIOLOGY, 'ZX1AD')).toEqual({ prefix: 'ZX', region: '' });
  expect(anatomyOfCode(ECG, 'ZZ9EA')).toBeUndefined();
});
