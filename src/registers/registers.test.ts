import { expect, test } from 'vitest';
import { DEFAULT_PROFILE, shippedFile } from '../config/shipped-files.ts';
import { PRODUCTION_STATES } from '../index/registers/register-types.ts';
import type { CertificationRow, EnablementRow, ProductionState } from '../index/registers/register-types.ts';
import { loadProfile } from '../profile/load-profile.ts';
import { certificationFault, coverageOf } from './certification.ts';
import { expiryWarnings } from './expiry-warnings.ts';
import { enablementOn, legalMoves } from './production-state.ts';

const PROFILE = loadProfile(shippedFile(DEFAULT_PROFILE));
const CERTIFICATION: CertificationRow = {
  registerId: 'R-1',
  systemEntity: 'PACS and RIS',
  version: '7',
  class: 'A2',
  contentTypes: ['ecg'],
  specVersions: ['2.4.1'],
  jointTestDay: '20210901',
  validFrom: '20240201',
  validTo: '20270131',
};

test('a deployment goes step by step', () => {
  expect(legalMoves(undefined)).toEqual(['PLANNED']);
  const reached = new Set<ProductionState>(['PLANNED']);
  for (const state of reached) legalMoves(state).forEach((next) => reached.add(next));
  expect([...reached].sort()).toEqual([...PRODUCTION_STATES].sort());
  expect(legalMoves('PLANNED')).not.toContain('PRODUCTION');
  expect(legalMoves('PRODUCTION')).toEqual(['SUSPENDED']);
});

test('the last state whose day has come counts', () => {
  const row = (state: ProductionState, from: string, id: number): EnablementRow => ({
    id,
    controllerOid: '1.2',
    contentType: 'ecg',
    state,
    from,
    note: '',
    recordedAt: 0,
  });
  const rows = [row('PLANNED', '20260101', 1), row('TEST', '20260201', 2), row('COMMISSIONING', '20260201', 3)];
  expect(enablementOn(rows, 'ecg', '20251231')).toBeUndefined();
  expect(enablementOn(rows, 'ecg', '20260131')?.state).toBe('PLANNED');
  expect(enablementOn(rows, 'ecg', '20260201')?.state).toBe('COMMISSIONING');
  expect(enablementOn(rows, 'radiology', '20260201')).toBeUndefined();
});

test.each([
  [{}, undefined],
  [{ jointTestDay: '20210831' }, 'before 2021-09-01: joint tests of ECG alone began in autumn 2021'],
  [{ jointTestDay: '20200101', contentTypes: ['radiology', 'ecg'] }, undefined],
  [{ class: 'B' }, 'class B is not jointly tested'],
  [{ contentTypes: ['egc'] }, 'content type egc is not one of ecg'],
  [{ specVersions: ['9.9'] }, 'specification version 9.9 is not one of'],
  [{ validTo: '20240101' }, 'before it begins on 2024-02-01'],
])('certification with %j', (wishes, fault) => {
  const found = certificationFault({ ...CERTIFICATION, ...wishes }, PROFILE);
  if (fault === undefined) expect(found).toBeUndefined();
  else expect(found).toContain(fault);
});

test('a specification that is no longer valid for production covers nothing', () => {
  const specVersions = PROFILE.certification.specVersions.map((one) => ({ ...one, productionTo: '20250630' }));
  const profile = { ...PROFILE, certification: { ...PROFILE.certification, specVersions } };
  const ask = (day: string) => coverageOf([CERTIFICATION], { systemEntity: '', contentType: 'ecg', day }, profile);
  expect(ask('20250630')).toMatchObject({ kind: 'covered' });
  expect(ask('20250701')).toMatchObject({ kind: 'out-of-date', reason: expect.stringContaining('2.4.1') as unknown });
  expect(expiryWarnings(profile, [CERTIFICATION], [], '20250601')).toMatchObject([{ kind: 'specification', days: 29 }]);
});

test('an end is announced sixty days ahead, unless a later certification follows', () => {
  expect(expiryWarnings(PROFILE, [CERTIFICATION], [], '20261201')).toEqual([]);
  expect(expiryWarnings(PROFILE, [CERTIFICATION], [], '20261202')).toMatchObject([
    { kind: 'certification', subject: 'R-1 of PACS and RIS', until: '20270131', days: 60 },
  ]);
  expect(expiryWarnings(PROFILE, [CERTIFICATION], [], '20270201')[0]?.text).toMatch(/ended 1 days ago, on 2027-01-31/);
  const renewed = { ...CERTIFICATION, registerId: 'R-2', validFrom: '20270201', validTo: '20300131' };
  expect(expiryWarnings(PROFILE, [CERTIFICATION, renewed], [], '20270101')).toEqual([]);
  const tls = { path: '/etc/kuva/node.pem', endsAt: Date.UTC(2027, 0, 10, 22, 30) };
  expect(expiryWarnings(PROFILE, [], [tls], '20270101')).toMatchObject([
    { kind: 'certificate', subject: '/etc/kuva/node.pem', until: '20270111', days: 10 },
  ]);
});
