import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { DEFAULT_PROFILE, shippedFile } from '../config/shipped-files.ts';
import { UID } from '../dicom/uids.ts';
import type { OrganisationRow } from '../index/registers/register-types.ts';
import { openIndex } from '../index/test-support/database-file.ts';
import { newInstance } from '../index/test-support/new-instance.ts';
import { loadProfile } from '../profile/load-profile.ts';
import { DocumentStore } from '../store/document-store.ts';
import { DocumentRegister } from './document-register.ts';
import { sampleCda } from './sample/sample-cda.ts';
import type { SampleDocument } from './sample/sample-cda.ts';
import { sampleSet } from './sample/sample-set.ts';

// In whose register a study is, when organisations send documents as DICOM objects to one archive.

const PROFILE = loadProfile(shippedFile(DEFAULT_PROFILE));
const ENTRY = sampleSet().map(({ document }) => document)[1]!;
const STUDY = '2.999.77.1';
const [DISTRICT, COAST, READER] = ['1.2.246.10.90000051.19.0', '1.2.246.10.90000052.19.0', '1.2.246.10.90000053.19.0'];

function organisation(key: string, controllerOid: string): OrganisationRow {
  return {
    key,
    name: key,
    oid: controllerOid.replace('.19.0', ''),
    kind: 'public',
    controllerOid,
    registerCode: '2',
    registerSpecifier: '',
    egressAet: '',
    systemEntity: '',
    joinedOn: '',
    attributes: {},
  };
}

async function open(ownRegistersOnly = false) {
  const root = mkdtempSync(join(tmpdir(), 'kuva-documents-'));
  onTestFinished(() => rmSync(root, { recursive: true, force: true }));
  const index = await openIndex();
  const files = await DocumentStore.open(join(root, 'documents'));
  const register = new DocumentRegister({
    index,
    files,
    profile: PROFILE,
    fetchPriors: false,
    audited: () => [],
    clock: () => 1,
    ownRegistersOnly,
  });
  for (const [key, oid] of Object.entries({ district: DISTRICT, coast: COAST, reader: READER }))
    await index.write('organisationPut', organisation(key, oid));
  let serial = 0;
  /** An entry about the study, as an object from an organisation's AE; null: imported at the machine. */
  const send = async (over: Partial<SampleDocument> & { oid: string }, from: string | null) => {
    serial += 1;
    const bytes = Buffer.from(sampleCda({ ...ENTRY, studyUid: STUDY, ...over }, PROFILE));
    const sop = `2.999.99.${serial}`;
    if (from !== null)
      await index.addInstance(
        newInstance({ sop, study: `${sop}.0`, organisation: from, sopClassUid: UID.EncapsulatedCDAStorage }),
      );
    const object = { sopInstanceUid: sop, sha256: '00'.repeat(32), size: bytes.length };
    return register.add(bytes, { name: 'SENDER', uri: '', ...(from === null ? {} : { object }) });
  };
  return {
    index,
    image: (organisationKey: string) =>
      index.addInstance(newInstance({ sop: `${STUDY}.1.1`, study: STUDY, organisation: organisationKey })),
    /** One in the controller's register. */
    entry: async (controllerOid: string, from: string | null) => {
      const oid = `2.999.88.${serial}`;
      expect((await send({ oid, setId: `${oid}.1`, controllerOid }, from)).kind).toBe('new');
      return oid;
    },
    /** The next version of a document. */
    replace: (oid: string, controllerOid: string, from: string | null) =>
      send({ oid: `${oid}.2`, setId: `${oid}.1`, version: 2, replaces: oid, controllerOid }, from),
    /** What the node does for every study that has come. */
    arrived: () => index.write('documentReconcile', [STUDY], { required: [], codePrefix: 5 }, 1),
    controller: async () => (await index.read('disclosureOfStudies', [STUDY], [])).studies[0]?.controller,
  };
}

test('a document that another organisation sends does not take a study out of the register that it is in', async () => {
  const { image, entry, arrived, controller } = await open();
  await image('district');
  await entry(COAST, 'coast');
  await arrived();
  expect(await controller()).toBe(DISTRICT);
  await entry(DISTRICT, 'district');
  await entry(COAST, 'coast');
  await arrived();
  expect(await controller()).toBe(DISTRICT);
});

test('nor one that came before the study', async () => {
  const { image, entry, arrived, controller } = await open();
  await entry(COAST, 'coast');
  await image('district');
  await arrived();
  expect(await controller()).toBe(DISTRICT);
});

test('the sender of a study may say whose it is, and so may whoever imports documents or links them by hand', async () => {
  const sent = await open();
  await sent.entry(COAST, 'district');
  await sent.image('district');
  await sent.arrived();
  expect(await sent.controller()).toBe(COAST);

  const imported = await open();
  await imported.image('district');
  await imported.entry(COAST, null);
  expect(await imported.controller()).toBe(COAST);

  const linked = await open();
  await linked.image('district');
  const oid = await linked.entry(COAST, 'coast');
  expect(await linked.index.write('documentLink', oid, STUDY, 'cli:test', 1)).toBe(true);
  expect(await linked.controller()).toBe(COAST);
});

test('in outsourced care the organiser’s document speaks of what its producer has sent', async () => {
  const { index, image, entry, controller } = await open();
  await image('reader');
  const storage = { storageController: COAST, storageRegister: '2', storageSpecifier: '' };
  const search = { searchController: COAST, searchRegister: '2', searchSpecifier: '' };
  const limits = { allDocuments: true, materialFrom: '', materialUntil: '', serviceEvents: [] };
  const parties = { organiser: COAST, organiserUnit: '', producer: READER };
  const recorded = { validFrom: 1, validUntil: null, sourceId: '', recordedAt: 1, recordedBy: 'test' };
  await index.write('willPut', [
    { register: 'authorisation', row: { ...recorded, patientId: '', ...parties, ...search, ...storage, ...limits } },
  ]);
  await entry(DISTRICT, 'district');
  expect(await controller()).toBe(READER);
  await entry(COAST, 'coast');
  expect(await controller()).toBe(COAST);
});

test('among several organisations none replaces, or adds to, what is in the register of another', async () => {
  const { index, entry, replace } = await open(true);
  const [imported, sent] = [await entry(DISTRICT, null), await entry(DISTRICT, 'district')];
  for (const oid of [imported, sent])
    expect(await replace(oid, DISTRICT, 'coast')).toMatchObject({ kind: 'refused', code: 'DOCUMENT_REGISTER_FOREIGN' });
  const rows = await index.read('documentList', { limit: 9 });
  expect(rows.map(({ oid, state }) => [oid, state])).toEqual([
    [sent, 'current'],
    [imported, 'current'],
  ]);
  expect(await replace(sent, DISTRICT, 'district')).toMatchObject({ kind: 'new' });
  expect(await replace(imported, DISTRICT, null)).toMatchObject({ kind: 'new' });
  // Nobody here is the controller of that register: a merged one may send what it has taken over.
  await entry('1.2.246.10.90000059.19.0', 'coast');
});
