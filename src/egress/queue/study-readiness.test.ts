import { expect, test } from 'vitest';
import { DEFAULT_PROFILE, shippedFile } from '../../config/shipped-files.ts';
import type { EgressFinding, QueueJob } from '../../index/egress/egress-types.ts';
import type { IndexService } from '../../index/index-service.ts';
import type { StudyLinkFacts } from '../../index/readiness/study-facts-types.ts';
import { loadProfile } from '../../profile/load-profile.ts';
import { StudyRules } from '../../readiness/study-rules.ts';
import { GOOD, ORGANISATION } from '../../readiness/test-support/good-study.ts';
import { StudyReadiness } from './study-readiness.ts';

const finding = (code: string): EgressFinding => ({ code, severity: 'error', cause: '', remedy: '', subject: '' });

/** What a job gets when these findings speak against its study, and what the rules were told of earlier versions. */
async function judge(notesFollow: string | undefined, codes: readonly string[]) {
  const told: (string | undefined)[] = [];
  const answers: Record<string, unknown> = {
    studyFacts: { organisation: null, link: null, senders: [] },
    queueNotesFollow: notesFollow,
  };
  const readiness = new StudyReadiness({
    index: { read: (operation: string) => Promise.resolve(answers[operation]) } as unknown as Pick<
      IndexService,
      'read'
    >,
    rules: {
      evaluate: (_facts, sentAs) => {
        told.push(sentAs);
        return Promise.resolve({ findings: codes.map(finding), contentType: 'radiology', controller: '' });
      },
    },
    usualTitle: () => 'KUVA',
    emergencyAeTitles: [],
  });
  const { findings } = await readiness.judge({ studyInstanceUid: '1.2.3', destination: 'A' } as QueueJob);
  return { told, severities: findings.map(({ severity }) => severity) };
}

const CODES = ['CONTENT_NOT_ENABLED', 'ORG_NOT_PRODUCTION', 'DOCUMENT_MISSING'];

test('notes about what the archive has are held back for the sake of the sender only', async () => {
  expect(await judge('radiology', CODES)).toEqual({
    told: ['radiology'],
    severities: ['warning', 'error', 'warning'],
  });
});

test('everything else has to pass every rule', async () => {
  expect(await judge(undefined, CODES)).toEqual({
    told: [undefined],
    severities: ['error', 'error', 'error'],
  });
});

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
  const verdict = await readiness(link).judge({ version: 1, studyInstanceUid: '1.2.3', destination: 'A' } as QueueJob);
  expect(verdict).toMatchObject({ controller, callingAet: ORGANISATION.egressAet, emergency: true });
});
