import { expect, test } from 'vitest';
import { DEFAULT_PROFILE, shippedFile } from '../config/shipped-files.ts';
import { loadProfile } from '../profile/load-profile.ts';
import { dayChanges } from './day-changes.ts';
import { CERTIFICATION, enablement } from './test-support/good-study.ts';

const PROFILE = loadProfile(shippedFile(DEFAULT_PROFILE));
const certification = { ...CERTIFICATION, contentTypes: ['ecg'], validFrom: '20260201', validTo: '20260228' };
const changes = (after: string, upTo: string) =>
  dayChanges({ after, upTo }, [certification], [enablement('radiology', 'PRODUCTION', '20260301')], PROFILE);

test.each([
  ['20260130', '20260131', []],
  ['20260131', '20260201', ['cert:ecg']],
  ['20260201', '20260202', []],
  ['20260227', '20260228', []],
  ['20260228', '20260301', ['cert:ecg', 'controller:1.2.246.10.90000011.19.0']],
  ['20260301', '20260302', []],
  ['20260101', '20260401', ['cert:ecg', 'controller:1.2.246.10.90000011.19.0']],
  ['20240129', '20240130', ['cert:ecg', 'profile']],
  ['20260228', '20260228', []],
])('after %s, up to %s', (after, upTo, subjects) => {
  expect(changes(after, upTo).subjects).toEqual(subjects);
});
