import { expect, test } from 'vitest';
import { DEFAULT_PROFILE, shippedFile } from '../../config/shipped-files.ts';
import type { QueueJob } from '../../index/egress/egress-types.ts';
import type { IndexService } from '../../index/index-service.ts';
import type { StudyLinkFacts } from '../../index/readiness/study-facts-types.ts';
import { loadProfile } from '../../profile/load-profile.ts';
import { StudyRules } from '../../readiness/study-rules.ts';
import { GOOD, ORGANISATION } from '../../readiness/test-support/good-study.ts';
import { StudyReadiness } from './study-readiness.ts';

const JOB = { studyInstanceUid: '1.2.3', destination: 'national' } as QueueJob;
const LINK: StudyLinkFacts = {
  accessionNumber: 'A1',
  serviceEventOid: '',
  controllerOid: '',
  registerCode: '',
  registerSpecifier: '',
};

function readiness(link: StudyLinkFacts | null): StudyReadiness {
  const answers: Readonly<Record<string, unknown>> = {
    studyFacts: { ...GOOD, link },
    organisationByKey: ORGANISATION,
    enablementList: [],
    certificationList: [],
    codeEntries: [],
  };
  const index = { read: (name: string) => Promise.resolve(answers[name]) } as Pick<IndexService, 'read'>;
  const profile = loadProfile(shippedFile(DEFAULT_PROFILE));
  const rules = new StudyRules({ index, profile, now: () => Date.UTC(2026, 10, 22) });
  return new StudyReadiness({ index, rules, usualTitle: () => 'KUVA', emergencyAeTitles: ['CT1'] });
}

test.for<[whose: string, link: StudyLinkFacts | null, controller: string]>([
  ["the document register's", { ...LINK, controllerOid: '1.2.246.10.7' }, '1.2.246.10.7'],
  ["its organisation's, when that register does not say", LINK, ORGANISATION.controllerOid],
  ["its organisation's, when no document is known", null, ORGANISATION.controllerOid],
])('a job has the controller that the rules have judged it by: %s', async ([, link, controller]) => {
  const verdict = await readiness(link).judge(JOB);
  expect(verdict).toMatchObject({ controller, callingAet: ORGANISATION.egressAet, emergency: true });
});
