import { expect, test } from 'vitest';
import type { EgressFinding, QueueJob } from '../../index/egress/egress-types.ts';
import type { IndexService } from '../../index/index-service.ts';
import { StudyReadiness } from './study-readiness.ts';

const finding = (code: string): EgressFinding => ({ code, severity: 'error', cause: '', remedy: '', subject: '' });

/** What a job gets when these findings speak against its study, and what the rules were told of earlier versions. */
async function judge(version: number, notesFollow: string | undefined, codes: readonly string[]) {
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
        return Promise.resolve({ findings: codes.map(finding), contentType: 'radiology' });
      },
    },
    usualTitle: () => 'KUVA',
    emergencyAeTitles: [],
  });
  const { findings } = await readiness.judge({ version, studyInstanceUid: '1.2.3', destination: 'A' } as QueueJob);
  return { told, severities: findings.map(({ severity }) => severity) };
}

const CODES = ['CONTENT_NOT_ENABLED', 'ORG_NOT_PRODUCTION', 'DOCUMENT_MISSING'];

test('notes about what the archive has are held back for the sake of the sender only', async () => {
  expect(await judge(2, 'radiology', CODES)).toEqual({
    told: ['radiology'],
    severities: ['warning', 'error', 'warning'],
  });
});

test.each([
  [1, 'radiology'],
  [2, undefined],
])('everything else has to pass every rule: version %i, notes after %s', async (version, notesFollow) => {
  expect(await judge(version, notesFollow, CODES)).toEqual({
    told: [undefined],
    severities: ['error', 'error', 'error'],
  });
});
