import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { NOT_RECORDED } from '../audit/audit-record.ts';
import { DEFAULT_PROFILE, shippedFile } from '../config/shipped-files.ts';
import { DocumentRegister } from '../documents/document-register.ts';
import { sampleCda } from '../documents/sample/sample-cda.ts';
import { sampleSet } from '../documents/sample/sample-set.ts';
import { openIndex } from '../index/test-support/database-file.ts';
import { loadProfile } from '../profile/load-profile.ts';
import { DocumentStore } from '../store/document-store.ts';
import { fulfilPriorWishes } from './prior-wishes.ts';

const PROFILE = loadProfile(shippedFile(DEFAULT_PROFILE));

test('a request waits for an archive that does not answer, longer each time, and is given up in the end; entries want nothing', async () => {
  const root = mkdtempSync(join(tmpdir(), 'kuva-wishes-'));
  onTestFinished(() => rmSync(root, { recursive: true, force: true }));
  const index = await openIndex();
  const files = await DocumentStore.open(join(root, 'documents'));
  let now = 1000;
  const register = new DocumentRegister({
    index,
    files,
    profile: PROFILE,
    fetchPriors: true,
    audited: () => [],
    clock: () => now,
  });
  for (const { document } of sampleSet().slice(0, 2))
    await register.add(Buffer.from(sampleCda(document, PROFILE)), { name: 'import', uri: 'file:///cda.xml' });
  const failures: { attempts: number; givenUp: boolean }[] = [];
  const options = {
    index,
    profile: PROFILE,
    open: () => Promise.reject(new Error('nobody listens')),
    archive: 'national',
    archiveAet: 'ARCHIVE',
    archiveHost: 'archive.example.org',
    record: NOT_RECORDED,
    ownAet: 'KUVA',
    keepMs: 1,
    maxStudies: 1,
    clock: () => now,
    onDone: () => undefined,
    onFailure: ({ attempts, givenUp }: { attempts: number; givenUp: boolean }) => failures.push({ attempts, givenUp }),
  };
  const { signal } = new AbortController();
  await fulfilPriorWishes(options, signal);
  await fulfilPriorWishes(options, signal);
  expect(failures).toEqual([{ attempts: 1, givenUp: false }]);
  now += 60_000;
  await fulfilPriorWishes(options, signal);
  now += 60_000;
  await fulfilPriorWishes(options, signal);
  expect(failures.at(-1)).toEqual({ attempts: 2, givenUp: false });
  for (let round = 0; round < 12; round += 1) {
    now += 3_600_000;
    await fulfilPriorWishes(options, signal);
  }
  expect(failures.at(-1)).toEqual({ attempts: 12, givenUp: true });
  expect(failures).toHaveLength(12);
});
