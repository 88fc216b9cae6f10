import { expect, test } from 'vitest';
import type { DisclosedStudy, PatientWill } from '../index/disclosure/disclosure-types.ts';
import type { DisclosureEntry, LoggedRequest } from './disclosure-log.ts';
import { RequestSession } from './request-session.ts';
import {
  COAST,
  consent,
  DISTRICT,
  informed,
  on,
  PATIENT,
  POLICY,
  relation,
  requester,
  resource,
} from './test-support/scenario.ts';

const STUDY: DisclosedStudy = {
  ...resource(DISTRICT),
  studyInstanceUid: '2.25.1',
  studyDate: '20200615',
  patientId: PATIENT,
  issuer: '',
  birthDate: '19810101',
};

const WILL: PatientWill = {
  consents: [consent('2024-01-02')],
  denials: [],
  informings: [informed('2024-01-01', '2.0')],
  authorisations: [],
  relations: [relation('2019-01-01', DISTRICT), relation('2019-01-01', COAST)],
};

test('a study that its own organisation moves to another is in the disclosure log, not in the use log', async () => {
  const entries: DisclosureEntry[] = [];
  const session = new RequestSession({
    decides: true,
    registers: {
      ofStudies: async () => ({ studies: [STUDY], wills: [[PATIENT, WILL]] }),
      ofPatients: async () => ({ studies: [], wills: [] }),
      wills: async () => [[PATIENT, WILL]],
    },
    policy: POLICY,
    log: { record: async (more) => void entries.push(...more) },
    at: on('2026-11-25'),
    day: '20261125',
    parties: Promise.resolve({
      request: { operation: 'C-MOVE', purpose: 'CARE', specialReason: '', channel: 'KANTA' } as LoggedRequest,
      all: [requester(DISTRICT), requester(COAST)],
      authorisations: [],
    }),
  });
  expect([...(await session.permitted(['2.25.1']))]).toEqual(['2.25.1']);
  await session.reveal(['2.25.1']);
  const shown = { itemId: '2.25.1', decision: { outcome: 'permit', logKind: 'DISCLOSURE' } };
  expect(entries).toMatchObject([shown]);
  await session.undelivered('connection refused');
  expect(entries).toMatchObject([shown, { ...shown, failure: 'connection refused' }]);
});
