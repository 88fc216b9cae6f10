import { expect, test } from 'vitest';
import type { EvictionFacts } from '../../index/eviction/eviction-types.ts';
import { evictionVerdict } from './eviction-verdict.ts';

const DAY = 86_400_000;
const NOW = 1000 * DAY;
const POLICY = { now: NOW, minimumAge: 30 * DAY, destinations: ['national', 'second'] };
const ARCHIVED: EvictionFacts['destinations'][number] = {
  destination: 'national',
  callingAet: 'A',
  states: ['ARCHIVED'],
  archivedAt: NOW - 40 * DAY,
  committed: 3,
};
const WAITING: typeof ARCHIVED = {
  ...ARCHIVED,
  destination: 'second',
  states: ['QUEUED'],
  archivedAt: null,
  committed: 0,
};
const FACTS: EvictionFacts = {
  row: 1,
  studyInstanceUid: '1.2',
  accessionNumber: '',
  studyDate: '',
  instances: 3,
  bytes: 1,
  lastReceivedAt: NOW - 50 * DAY,
  evicted: 0,
  changed: false,
  conflicts: 0,
  rejected: 0,
  undurable: 0,
  corrected: false,
  destinations: [ARCHIVED],
};

const of = (change: Partial<EvictionFacts>): string => {
  const verdict = evictionVerdict({ ...FACTS, ...change }, POLICY);
  return verdict.kind === 'stays' ? verdict.reasons.map(({ code }) => code).join(' ') : verdict.kind;
};
const archived = (change: Partial<typeof ARCHIVED>) => ({ destinations: [{ ...ARCHIVED, ...change }] });

test.for<[why: string, change: Partial<EvictionFacts>, verdict: string]>([
  ['archived, committed and old enough', {}, 'may-go'],
  ['gone before', { evicted: 3 }, 'gone'],
  ['only in part gone before', { evicted: 2 }, 'may-go'],
  ['an object came lately', { lastReceivedAt: NOW - DAY }, 'TOO_YOUNG'],
  ['something new came', { changed: true }, 'CHANGED'],
  ['other bytes under its UIDs', { conflicts: 1 }, 'CONFLICTS'],
  ['an object is rejected', { rejected: 1 }, 'REJECTED'],
  ['it was given another patient', { corrected: true }, 'IDENTITY_CORRECTED'],
  ['an object is not on the disk yet', { undurable: 1 }, 'NOT_DURABLE'],
  ['a later version is on its way', archived({ states: ['ARCHIVED', 'SENDING'] }), 'NOT_ARCHIVED NOT_QUEUED'],
  ['an object is not committed', archived({ committed: 2 }), 'NOT_COMMITTED NOT_QUEUED'],
  ['archived lately', archived({ archivedAt: NOW - DAY }), 'TOO_YOUNG NOT_QUEUED'],
  [
    'withdrawn before anything went',
    archived({ states: ['WITHDRAWN'], archivedAt: null, committed: 0 }),
    'NOT_ARCHIVED NOT_COMMITTED NOT_QUEUED',
  ],
  ['never queued', { destinations: [] }, 'NOT_QUEUED NOT_QUEUED'],
  ['another archive is yet to get it', { destinations: [ARCHIVED, WAITING] }, 'ON_ITS_WAY'],
  [
    'an archive of former times never got it',
    { destinations: [ARCHIVED, { ...WAITING, destination: 'old' }] },
    'may-go',
  ],
  ['the second archive has it', { destinations: [{ ...ARCHIVED, destination: 'second' }] }, 'may-go'],
])('%s', ([, change, verdict]) => {
  expect(of(change)).toBe(verdict);
});

test('without an archive nothing goes', () => {
  expect(evictionVerdict(FACTS, { ...POLICY, destinations: [] })).toMatchObject({
    kind: 'stays',
    reasons: [{ code: 'NO_ARCHIVE' }],
  });
});
