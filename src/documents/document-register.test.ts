import { createHash } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync, writeFileSync, readdirSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { DEFAULT_PROFILE, shippedFile } from '../config/shipped-files.ts';
import { openIndex } from '../index/test-support/database-file.ts';
import { newInstance } from '../index/test-support/new-instance.ts';
import { loadProfile } from '../profile/load-profile.ts';
import { DocumentStore } from '../store/document-store.ts';
import { DocumentRegister } from './document-register.ts';
import { sampleCda } from './sample/sample-cda.ts';
import type { SampleDocument } from './sample/sample-cda.ts';
import { sampleSet } from './sample/sample-set.ts';

const PROFILE = loadProfile(shippedFile(DEFAULT_PROFILE));
const [REQUEST, ENTRY, STATEMENT, SECOND] = sampleSet().map(({ document }) => document);
const SOURCE = { name: 'import', uri: 'file:///cda.xml' };

async function open() {
  const root = mkdtempSync(join(tmpdir(), 'kuva-documents-'));
  onTestFinished(() => rmSync(root, { recursive: true, force: true }));
  const index = await openIndex();
  const files = await DocumentStore.open(join(root, 'documents'));
  const register = new DocumentRegister({
    index,
    files,
    profile: PROFILE,
    fetchPriors: false,
    audited: ({ refused, ...told }) => [{ at: 1, failed: refused !== '', message: JSON.stringify(told) }],
    clock: () => 1_700_000_000_000,
  });
  const add = (document: SampleDocument | undefined, changes: Partial<SampleDocument> = {}) =>
    register.add(Buffer.from(sampleCda({ ...document!, ...changes }, PROFILE)), SOURCE);
  const states = async () =>
    (await index.read('documentList', { limit: 100 })).map(({ oid, state }) => [oid, state] as const).toReversed();
  return { root, index, files, register, add, states };
}

test('a document is kept byte for byte under its hash, and registered once however often it comes', async () => {
  const { root, index, add } = await open();
  const text = sampleCda(ENTRY!, PROFILE);
  const sha256 = createHash('sha256').update(text).digest('hex');
  expect(await add(ENTRY)).toMatchObject({ kind: 'new', sha256 });
  expect(await add(ENTRY)).toMatchObject({ kind: 'duplicate', sha256 });
  expect(readFileSync(join(root, 'documents', sha256.slice(0, 2), sha256.slice(2, 4), `${sha256}.xml`), 'utf8')).toBe(
    text,
  );
  expect(readdirSync(join(root, 'documents/tmp'))).toEqual([]);
  expect(await index.read('documentList', { limit: 9 })).toMatchObject([
    { oid: ENTRY!.oid, kind: 'entry', duplicates: 1 },
  ]);
  // The audit trail is told in the transaction that registers it, and once.
  const told = (await index.read('auditWaiting', 0, 9)).map(({ failed, message }) => [failed, JSON.parse(message)]);
  expect(told).toEqual([[false, { oid: ENTRY!.oid, patientId: ENTRY!.patient.id, uri: SOURCE.uri }]]);
});

test('other bytes under a registered OID, or under a registered version, are refused and kept', async () => {
  const { index, files, add } = await open();
  await add(ENTRY);
  expect(await add(ENTRY, { text: 'Changed.' })).toMatchObject({ kind: 'refused', code: 'DOCUMENT_OID_TAKEN' });
  expect(await add(ENTRY, { oid: `${ENTRY!.oid}.9` })).toMatchObject({
    kind: 'refused',
    code: 'DOCUMENT_VERSION_TAKEN',
  });
  const refusals = await index.read('documentRefusals', 10);
  expect(refusals.map(({ code }) => code)).toEqual(['DOCUMENT_VERSION_TAKEN', 'DOCUMENT_OID_TAKEN']);
  for (const { sha256, size } of refusals) expect(await files.read(sha256)).toHaveLength(size);
  expect((await index.read('auditWaiting', 0, 9)).map(({ failed }) => failed)).toEqual([false, true, true]);
});

test('a second version needs the first one; the first is replaced, and its history stays', async () => {
  const { index, add, states } = await open();
  expect(await add(SECOND)).toMatchObject({ kind: 'refused', code: 'DOCUMENT_VERSION_MISSING' });
  await add(STATEMENT);
  expect(await index.read('documentRefusals', 10)).toHaveLength(1);
  expect(await add(SECOND)).toMatchObject({ kind: 'new' });
  expect(await index.read('documentRefusals', 10)).toEqual([]);
  expect(await states()).toEqual([
    [STATEMENT!.oid, 'replaced'],
    [SECOND!.oid, 'current'],
  ]);
  const again = { oid: `${SECOND!.oid}.1`, version: 3, replaces: STATEMENT!.oid };
  expect(await add(SECOND, again)).toMatchObject({ code: 'DOCUMENT_VERSION_ORDER' });
  expect(await add(SECOND, { ...again, version: 4, replaces: SECOND!.oid })).toMatchObject({
    code: 'DOCUMENT_VERSION_ORDER',
  });
});

test.for([
  [{ kind: 'entry' }, 'DOCUMENT_KIND_CHANGED'],
  [{ controllerOid: '1.2.246.10.99999992.19.0' }, 'DOCUMENT_CONTROLLER_CHANGED'],
  [{ patient: { ...STATEMENT!.patient, id: '010594Y9032' } }, 'DOCUMENT_PATIENT_CHANGED'],
] as const)('a version may not change %j', async ([changes, code]) => {
  const { add } = await open();
  await add(STATEMENT);
  expect(await add(SECOND, changes)).toMatchObject({ kind: 'refused', code });
});

test('an invalidating version makes the one before invalid, and nothing follows it', async () => {
  const { index, add, states } = await open();
  await add(STATEMENT);
  await add(SECOND, { invalidates: true });
  expect(await states()).toEqual([
    [STATEMENT!.oid, 'invalidated'],
    [SECOND!.oid, 'invalidated'],
  ]);
  const third = { oid: `${SECOND!.oid}.1`, version: 3, replaces: SECOND!.oid };
  expect(await add(SECOND, third)).toMatchObject({ code: 'DOCUMENT_INVALIDATED' });
  expect(await index.write('documentInvalidate', SECOND!.oid, 'again', 1)).toBe(false);
});

test('documents and study find each other whichever comes first: by study UID, by accession number of the same patient', async () => {
  const { index, add } = await open();
  const { studyUid: study = '', accessionNumber = '', patient } = ENTRY!;
  const image = (sop: string, uid: string, patientId: string) =>
    index.addInstance(
      newInstance({ sop, study: uid, attributes: { PatientID: patientId, AccessionNumber: accessionNumber } }),
    );
  await add(REQUEST);
  await add(ENTRY);
  expect(await index.read('documentCounts', study)).toEqual({ request: 0, entry: 1, statement: 0 });
  await image('1.2.3.1', study, patient.id);
  await image('1.2.3.2', '1.2.3.99', '010594Y9032');
  expect(await index.read('documentCounts', study)).toEqual({ request: 1, entry: 1, statement: 0 });
  expect(await index.read('documentCounts', '1.2.3.99')).toEqual({ request: 0, entry: 0, statement: 0 });
  expect(await add(STATEMENT)).toMatchObject({ studies: [study] });
  expect((await index.read('documentsOfStudy', study)).map(({ linkedBy }) => linkedBy)).toEqual([
    'accession',
    'study',
    'study',
  ]);
  expect(await index.read('documentOutbox', 10)).toEqual([study]);
  await index.write('documentOutboxDone', [study]);
  expect(await index.read('documentOutbox', 10)).toEqual([]);
});

test('a document that names neither study nor accession number belongs to its patient’s studies of the service event', async () => {
  const { index, register } = await open();
  const { accessionNumber: _a, studyUid: _s, ...bare } = REQUEST!;
  await register.add(Buffer.from(sampleCda(bare, PROFILE)), SOURCE);
  const image = (sop: string, study: string, patientId: string) =>
    index.addInstance(
      newInstance({ sop, study, attributes: { PatientID: patientId, AdmissionID: bare.serviceEventOid } }),
    );
  await image('1.2.3.1', '1.2.3.10', bare.patient.id);
  await image('1.2.3.2', '1.2.3.20', '010594Y9032');
  expect(await index.read('documentStudies', bare.oid)).toEqual(['1.2.3.10']);
  expect(await index.read('documentCounts', '1.2.3.20')).toEqual({ request: 0, entry: 0, statement: 0 });
});

test('a link by hand counts, and can be taken back', async () => {
  const { index, add } = await open();
  await add(REQUEST);
  await index.addInstance(newInstance({ sop: '1.2.3.1', study: '1.2.3.10', attributes: { PatientID: 'OTHER' } }));
  expect(await index.write('documentLink', REQUEST!.oid, '1.2.3.10', 'cli:test', 5)).toBe(true);
  expect(await index.read('documentCounts', '1.2.3.10')).toMatchObject({ request: 1 });
  expect(await index.read('documentOutbox', 10)).toEqual(['1.2.3.10']);
  expect(await index.write('documentUnlink', REQUEST!.oid, '1.2.3.10')).toBe(true);
  expect(await index.read('documentCounts', '1.2.3.10')).toMatchObject({ request: 0 });
  expect(await index.write('documentLink', 'no such', '1.2.3.10', 'cli:test', 5)).toBe(false);
});

test('a torn file is replaced by the whole one, a damaged one is told', async () => {
  const { root, files, add } = await open();
  const added = await add(ENTRY);
  const sha256 = added.kind === 'refused' ? '' : added.sha256;
  const path = join(root, 'documents', sha256.slice(0, 2), sha256.slice(2, 4), `${sha256}.xml`);
  writeFileSync(path, 'torn');
  await expect(files.read(sha256)).rejects.toMatchObject({ code: 'OBJECT_CORRUPT' });
  expect(await add(ENTRY)).toMatchObject({ kind: 'duplicate' });
  expect((await files.read(sha256)).toString()).toBe(sampleCda(ENTRY!, PROFILE));
});
