import { expect, test } from 'vitest';
import { NOT_RECORDED } from '../audit/audit-record.ts';
import { DEFAULT_PROFILE, shippedFile } from '../config/shipped-files.ts';
import { decodeDataSet, getString } from '../dicom/data-set.ts';
import { tagOf } from '../dicom/dictionary.ts';
import { UID } from '../dicom/uids.ts';
import type { Association } from '../dimse/association.ts';
import { openIndex } from '../index/test-support/database-file.ts';
import { loadProfile } from '../profile/load-profile.ts';
import { moveStudy } from './archive-query.ts';
import { claimElements } from './asker-claim.ts';
import { prefetch } from './prefetch.ts';

const PROFILE = loadProfile(shippedFile(DEFAULT_PROFILE));
const SUBJECT = {
  id: '1.2.246.10.1',
  patientId: '010181-900C',
  issuer: '',
  code: 'ZA1AD',
  codeSystem: '',
  modalities: [],
  date: '20260101',
  author: '1.2;3=4',
  serviceEvent: '1.2.246.10.14.1',
};

/** An association that finds and moves nothing, and remembers what it was asked. */
function listener() {
  const asked: Buffer[] = [];
  const ask = (request: { identifier: Buffer }): AsyncGenerator<never> => {
    asked.push(request.identifier);
    return (async function* () {})();
  };
  const assoc = {
    contextFor: () => ({ id: 1, transferSyntax: UID.ExplicitVRLittleEndian }),
    find: ask,
    move: ask,
    release: async () => undefined,
    isOpen: false,
  };
  const claims = (): (string | undefined)[] =>
    asked.map((identifier) =>
      getString(
        decodeDataSet(identifier, UID.ExplicitVRLittleEndian),
        tagOf('RequestedProcedureComments')!,
        'ISO_IR 192',
      ),
    );
  return { assoc: assoc as unknown as Association, claims };
}

test('the archive is told who asks and why: as the request says, or as whoever prefetches says', async () => {
  const { assoc, claims } = listener();
  const options = {
    index: await openIndex(),
    profile: PROFILE,
    open: async () => assoc,
    archive: 'national',
    archiveAet: 'ARCHIVE',
    archiveHost: 'archive.example.org',
    record: NOT_RECORDED,
    ownAet: 'KUVA',
    keepMs: 1,
    maxStudies: 1,
    clock: () => 1,
  };
  const { signal } = new AbortController();
  await prefetch(options, SUBJECT, signal);
  await prefetch({ ...options, claim: 'user=Å;purpose=EMERGENCY' }, SUBJECT, signal);
  await prefetch(options, { ...SUBJECT, author: '', serviceEvent: '' }, signal);
  await prefetch({ ...options, claim: null }, SUBJECT, signal);
  // Nothing in a name can pretend to be another field.
  expect(claims()).toEqual([
    'user=1.2 3 4;purpose=CARE;event=1.2.246.10.14.1',
    'user=Å;purpose=EMERGENCY',
    undefined,
    undefined,
  ]);
});

test('a move carries the claim, too', async () => {
  const { assoc, claims } = listener();
  const { signal } = new AbortController();
  await moveStudy(assoc, '1.2.3', 'KUVA', claimElements(PROFILE, 'purpose=CARE'), signal);
  await moveStudy(assoc, '1.2.3', 'KUVA', [], signal);
  expect(claims()).toEqual(['purpose=CARE', undefined]);
});
