import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { DEFAULT_PROFILE, shippedFile } from '../config/shipped-files.ts';
import { openIndex } from '../index/test-support/database-file.ts';
import { newInstance } from '../index/test-support/new-instance.ts';
import { loadProfile } from '../profile/load-profile.ts';
import { DocumentStore } from '../store/document-store.ts';
import { DocumentRegister } from './document-register.ts';
import { drainOutbox } from './drain-outbox.ts';
import { ObjectFollower } from './object-follower.ts';
import { OverdueAlarm } from './overdue-alarm.ts';
import { reconcileRules } from './reconcile-rules.ts';
import { sampleCda } from './sample/sample-cda.ts';
import type { SampleDocument } from './sample/sample-cda.ts';
import { sampleSet } from './sample/sample-set.ts';

const PROFILE = loadProfile(shippedFile(DEFAULT_PROFILE));
const RULES = reconcileRules(PROFILE);
const [REQUEST, ENTRY, STATEMENT] = sampleSet().map(({ document }) => document) as [
  SampleDocument,
  SampleDocument,
  SampleDocument,
];
const STUDY = ENTRY.studyUid ?? '';
const NOW = Date.UTC(2026, 10, 25);

test('the work list counts each fault once; links, documents and studies that come later mend it', async () => {
  const root = mkdtempSync(join(tmpdir(), 'kuva-reconcile-'));
  onTestFinished(() => rmSync(root, { recursive: true, force: true }));
  const index = await openIndex();
  const register = new DocumentRegister({
    index,
    files: await DocumentStore.open(join(root, 'documents')),
    profile: PROFILE,
    fetchPriors: false,
    audited: () => [],
    clock: () => NOW,
  });
  const follower = new ObjectFollower({
    index,
    register,
    rules: RULES,
    readObject: () => Promise.reject(new Error('no object is read')),
    onDocument: () => undefined,
    clock: () => NOW,
  });
  const add = (document: SampleDocument, changes: Partial<SampleDocument> = {}) =>
    register.add(Buffer.from(sampleCda({ ...document, ...changes }, PROFILE)), {
      name: 'import',
      uri: 'file:///cda.xml',
    });
  const image = (study: string, PatientID: string, AccessionNumber: string, StudyDescription: string) =>
    index.addInstance(
      newInstance({
        sop: `${study}.1`,
        study,
        receivedAt: NOW,
        attributes: { PatientID, AccessionNumber, StudyDescription },
      }),
    );
  const counts = async () => {
    await follower.run(new AbortController().signal);
    await drainOutbox(index, RULES, NOW);
    const rows = await index.read('reconcileCounts', NOW - 1);
    return Object.fromEntries(rows.flatMap(({ kind, items }) => (items === 0 ? [] : [[kind, items]])));
  };
  const list = (kind: 'images-without-documents' | 'documents-without-images' | 'code-mismatch' | 'patient-mismatch') =>
    index.read('reconcileList', { kind, limit: 10 });
  const code = ENTRY.examination.code;
  const { id } = ENTRY.patient;
  const accession = ENTRY.accessionNumber ?? '';

  await image(STUDY, id, accession, `${code} fits`);
  await image('1.2.3.1', id, 'OTHER', 'XX9XX other code');
  await image('1.2.3.2', '010594Y9032', accession, 'free text');
  expect(await counts()).toEqual({ 'images-without-documents': 3 });

  await add(REQUEST);
  await add(ENTRY);
  await add(STATEMENT, { oid: '2.999.9.1', setId: '2.999.9', studyUid: '2.999.77' });
  await add(STATEMENT, { oid: '2.999.8.2', setId: '2.999.8', version: 2, replaces: '2.999.8.1' });
  expect(await counts()).toEqual({
    'images-without-documents': 2,
    'documents-without-images': 1,
    'patient-mismatch': 1,
    'refused-documents': 1,
  });
  expect(await list('documents-without-images')).toMatchObject([
    { documentOid: '2.999.9.1', studyInstanceUid: null, detail: 'statement' },
  ]);
  expect(await list('patient-mismatch')).toMatchObject([{ studyInstanceUid: '1.2.3.2', documentOid: REQUEST.oid }]);

  await index.write('documentLink', REQUEST.oid, '1.2.3.1', 'cli:test', NOW);
  expect(await counts()).toMatchObject({ 'code-mismatch': 1, 'images-without-documents': 2 });
  expect(await list('code-mismatch')).toMatchObject([
    { studyInstanceUid: '1.2.3.1', detail: `document ${code}, study XX9XX` },
  ]);
  expect(await list('images-without-documents')).toMatchObject([
    { studyInstanceUid: '1.2.3.1', detail: 'entry' },
    { studyInstanceUid: '1.2.3.2', detail: 'request entry' },
  ]);

  await image('2.999.77', id, '', `${code} the one that was lost`);
  const [refusal] = await index.read('documentRefusals', 10);
  expect(await index.write('documentRefusalSettle', refusal?.id ?? 0, NOW)).toBe(true);
  expect(await counts()).toEqual({ 'images-without-documents': 3, 'code-mismatch': 1, 'patient-mismatch': 1 });

  await index.write('documentInvalidate', ENTRY.oid, 'mistake', NOW);
  expect(await counts()).toEqual({ 'images-without-documents': 4, 'code-mismatch': 1, 'patient-mismatch': 1 });
});

test('the alarm is raised when more is overdue than when it was last raised', async () => {
  let overdue = 0;
  const raised: number[] = [];
  const alarm = new OverdueAlarm({
    index: { read: async () => [{ kind: 'code-mismatch' as const, items: 9, overdue }] },
    deadlineMs: 1,
    clock: () => NOW,
    onCount: () => undefined,
    onOverdue: (counts) => raised.push(counts['code-mismatch'] ?? -1),
  });
  for (overdue of [0, 2, 2, 1, 3]) await alarm.look();
  expect(raised).toEqual([2, 3]);
});
