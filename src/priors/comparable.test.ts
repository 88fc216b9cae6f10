import { expect, test } from 'vitest';
import { DEFAULT_PROFILE, shippedFile } from '../config/shipped-files.ts';
import { loadProfile } from '../profile/load-profile.ts';
import { anatomyPrefix, comparable } from './comparable.ts';
import type { PriorCandidate } from './comparable.ts';

const PROFILE = loadProfile(shippedFile(DEFAULT_PROFILE));
const RADIOLOGY = '1.2.246.10.90000003.6.4';
const study = (
  uid: string,
  studyDate: string,
  studyDescription: string,
  modality: string,
  code?: string,
): PriorCandidate => ({
  studyInstanceUid: uid,
  studyDate,
  studyDescription,
  procedureCodes: code === undefined ? [] : [{ value: code }],
  modalities: [modality],
});
const CANDIDATES = [
  study('1', '20200101', 'ZA2AD old head CT', 'CT'),
  study('2', '20240101', 'free text', 'CT', 'ZA1AD'),
  study('3', '20240101', 'ZA1AG head MR', 'MR'),
  study('4', '20240101', 'ZN1AD limb CT', 'CT'),
  study('5', '20270101', 'ZA1AD later', 'CT'),
  study('6', '', 'ZA1AD without a date', 'CT'),
  study('7', '20230101', 'head', 'CT'),
];
const uids = (reference: Parameters<typeof comparable>[1]) =>
  comparable(PROFILE, reference, CANDIDATES).map(({ studyInstanceUid }) => studyInstanceUid);

test('comparable: the same anatomy, a modality in common, not later, newest first', () => {
  const reference = { code: 'ZA3AD', codeSystem: RADIOLOGY, modalities: ['CT'], date: '20260101' };
  expect(uids(reference)).toEqual(['2', '1', '6']);
  expect(uids({ ...reference, modalities: ['MR'] })).toEqual(['3']);
});

test('a request tells its modality by the method in its code; without one every modality counts', () => {
  const request = { code: 'ZA3AD', codeSystem: RADIOLOGY, modalities: [], date: '' };
  expect(uids(request)).toEqual(['5', '2', '1', '6']);
  expect(uids({ ...request, codeSystem: '' })).toEqual(['5', '2', '3', '1', '6']);
  expect(uids({ ...request, code: '' })).toEqual([]);
});

test('the list says how much of a code is anatomy, else the profile', () => {
  expect(anatomyPrefix(PROFILE, { code: 'ZA3AD', codeSystem: RADIOLOGY })).toBe('ZA');
  expect(anatomyPrefix(PROFILE, { code: 'ZZ9EA', codeSystem: '1.2.246.10.90000003.6.2' })).toBe('ZZ');
});
