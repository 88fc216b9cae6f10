import { existsSync } from 'node:fs';
import Sqlite from 'better-sqlite3';
import { expect, onTestFinished, test } from 'vitest';
import { decodeEntry } from '../../src/access-log/access-entry.ts';
import { IndexService } from '../../src/index/index-service.ts';
import type { OrganisationRow } from '../../src/index/registers/register-types.ts';
import { newInstance } from '../../src/index/test-support/new-instance.ts';
import { openInProcessCli } from '../cli/in-process.ts';
import { writeInstances } from '../cli/kuva.ts';
import type { Cli } from '../cli/kuva.ts';
import { cda, ENTRY, REQUEST, STATEMENT, writeFiles } from '../documents/documents.ts';

const PATIENT = REQUEST.patient.id;
const TOWN = '1.2.246.10.90000055.19.0';
const organisation = (key: string, controllerOid: string): OrganisationRow => ({
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
});
const study = (uid: string, from: string, StudyDate: string) =>
  newInstance({
    study: uid,
    sop: `${uid}.1.1`,
    organisation: from,
    attributes: { PatientID: PATIENT, StudyDate, StudyDescription: 'ZA9AD head', Modality: 'CT' },
  });

/** An archive with a study of its own organisation and one of another controller's, and a request of today for the same. */
async function archive(
  enabled: boolean,
): Promise<Cli & { readonly logged: () => Promise<string[]>; readonly events: () => Promise<string[]> }> {
  const cli = await openInProcessCli({
    KUVA_DISCLOSURE__ENABLED: String(enabled),
    KUVA_NODE__ORGANISATION: 'District',
  });
  onTestFinished(() => cli[Symbol.asyncDispose]());
  const open = () => IndexService.open({ path: `${cli.storage}/kuva.sqlite`, readers: 1 });
  {
    await using index = await open();
    await index.write('organisationPut', organisation('District', REQUEST.controllerOid ?? ''));
    await index.write('organisationPut', organisation('Town', TOWN));
    await index.addInstance(study('1.2.8.1', 'Town', '20251101'));
    await index.addInstance(study('1.2.8.2', 'District', '20251020'));
  }
  await cli.json(
    0,
    'documents',
    'import',
    ...writeFiles(cli.file('cda'), { 'a.xml': cda(REQUEST), 'b.xml': cda(ENTRY) }),
  );
  const entries = async () => {
    await using index = await open();
    const rows = await index.read('accessLogEntries', { limit: 1000 });
    return rows.map(({ log, record }) => ({ ...decodeEntry(log, record ?? ''), log }));
  };
  const logged = async (): Promise<string[]> =>
    (await entries())
      .filter(({ person }) => person === PATIENT)
      .map(({ log, outcome, itemId, reasonCode }) => `${log} ${outcome} ${itemId} ${reasonCode}`)
      .toSorted();
  const events = async (): Promise<string[]> =>
    (await entries()).map(
      ({ log, eventType, outcome, itemId, purpose }) => `${log} ${eventType} ${outcome} ${itemId} ${purpose}`,
    );
  return { ...cli, logged, events };
}

interface Shown {
  readonly studyInstanceUid: string;
}
const uids = (rows: readonly Shown[]): string[] => rows.map(({ studyInstanceUid }) => studyInstanceUid).toSorted();
const EMERGENCY = ['--asker', 'user=1.2.246.537.26.1;purpose=EMERGENCY'];

test('commands on this machine show the own register, and of others what is permitted; both are in the log before', async () => {
  const cli = await archive(true);
  expect(uids(await cli.json<Shown>(0, 'priors', 'list', REQUEST.oid))).toEqual(['1.2.8.2']);
  expect(await cli.logged()).toEqual([
    'disclosure denied 1.2.8.1 NO_CONSENT',
    `use permitted ${REQUEST.oid} ADMINISTRATION`,
    'use permitted 1.2.8.2 ADMINISTRATION',
  ]);
  expect(uids(await cli.json<Shown>(0, 'priors', 'hints'))).toEqual(['1.2.8.2']);
  const [own] = await cli.json<{ studies: Shown[]; unlinkedDocuments: unknown[] }>(0, 'patient', PATIENT);
  expect(uids(own!.studies)).toEqual(['1.2.8.2']);
  expect(own!.unlinkedDocuments.length).toBe(2);
  // What may not be shown cannot be told from what is not here.
  const denied = await cli.run('priors', 'list', '1.2.8.1');
  const absent = await cli.run('priors', 'list', '1.2.8.9');
  expect([denied.code, denied.output]).toEqual([absent.code, absent.output.replace('1.2.8.9', '1.2.8.1')]);

  expect(uids(await cli.json<Shown>(0, 'priors', 'list', REQUEST.oid, ...EMERGENCY))).toEqual(['1.2.8.1', '1.2.8.2']);
  expect(uids(await cli.json<Shown>(0, 'priors', 'hints', ...EMERGENCY))).toEqual(['1.2.8.1', '1.2.8.2']);
  expect(await cli.logged()).toContain('disclosure permitted 1.2.8.1 PERMITTED FLAGGED');
});

test('without disclosure control everything is shown, and the use log has it', async () => {
  const cli = await archive(false);
  const [all] = await cli.json<{ studies: Shown[] }>(0, 'patient', PATIENT);
  expect(uids(all!.studies)).toEqual(['1.2.8.1', '1.2.8.2']);
  expect(await cli.logged()).toEqual([
    `use permitted ${REQUEST.oid} ADMINISTRATION`,
    `use permitted ${ENTRY.oid} ADMINISTRATION`,
    'use permitted 1.2.8.1 ADMINISTRATION',
    'use permitted 1.2.8.2 ADMINISTRATION',
  ]);
});

/** A statement in the register of another controller, which belongs to that controller's study. */
async function importTownsStatement(cli: Cli): Promise<void> {
  const text = cda(STATEMENT, { controllerOid: TOWN, studyUid: '1.2.8.1' });
  await cli.json(0, 'documents', 'import', ...writeFiles(cli.file('town'), { 's.xml': text }));
}

test("another controller's document cannot be told from none, by list, show or export; an emergency opens it, and all of it is on record", async () => {
  const cli = await archive(true);
  await importTownsStatement(cli);
  const listed = async (...options: string[]) =>
    (await cli.json<{ oid: string }>(0, 'documents', 'list', ...options)).map(({ oid }) => oid);
  const own = [ENTRY.oid, REQUEST.oid];
  expect(await listed()).toEqual(own);
  expect(await listed('--patient', PATIENT, '--limit', '2')).toEqual(own);
  expect(await listed('--kind', 'statement')).toEqual([]);
  expect(await cli.events()).toEqual(
    expect.arrayContaining([
      `disclosure documents list denied ${STATEMENT.oid} CARE`,
      `use documents list permitted ${ENTRY.oid} ADMINISTRATION`,
    ]),
  );
  const absent = '1.2.246.10.90000055.11.9';
  for (const what of ['show', 'export']) {
    const denied = await cli.run('documents', what, STATEMENT.oid);
    const none = await cli.run('documents', what, absent);
    expect([denied.code, denied.output]).toEqual([1, none.output.replaceAll(absent, STATEMENT.oid)]);
    expect(await cli.events()).toContain(`disclosure documents ${what} denied ${STATEMENT.oid} CARE`);
  }
  const lost = { oid: '1.2.246.10.90000055.11.8.1', setId: '1.2.246.10.90000055.11.8', controllerOid: TOWN };
  const work = async (...options: string[]) =>
    (await cli.json<{ documentOid: string }>(0, 'reconcile', 'list', ...options)).map(({ documentOid }) => documentOid);
  await cli.json(0, 'documents', 'import', ...writeFiles(cli.file('lost'), { 'l.xml': cda(REQUEST, lost) }));
  expect(await work()).not.toContain(lost.oid);
  expect(await work(...EMERGENCY)).toContain(lost.oid);
  expect(await cli.events()).toEqual(
    expect.arrayContaining([
      `disclosure reconcile list denied ${lost.oid} CARE`,
      `disclosure reconcile list permitted ${lost.oid} EMERGENCY`,
    ]),
  );
  const ofStudy = async (uid: string) => (await cli.run('documents', 'list', '--study', uid)).output;
  expect(await ofStudy('1.2.8.1')).toBe(await ofStudy('1.2.8.9'));

  expect(await listed('--study', '1.2.8.1', ...EMERGENCY)).toEqual([STATEMENT.oid]);
  const exported = await cli.run('documents', 'export', STATEMENT.oid, ...EMERGENCY);
  expect(exported.stdout).toBe(cda(STATEMENT, { controllerOid: TOWN, studyUid: '1.2.8.1' }));
  const [shown] = await cli.json<{ studies: string[] }>(0, 'documents', 'show', STATEMENT.oid, ...EMERGENCY);
  expect(shown?.studies).toEqual(['1.2.8.1']);
  expect(await cli.logged()).toContain(`disclosure permitted ${STATEMENT.oid} PERMITTED FLAGGED`);
});

test("another controller's study cannot be told from none by studies, export and ecg", async () => {
  const cli = await archive(true);
  expect(uids(await cli.json<Shown>(0, 'studies', 'list'))).toEqual(['1.2.8.2']);
  expect(uids(await cli.json<Shown>(0, 'studies', 'list', '--limit', '1'))).toEqual(['1.2.8.2']);
  expect(await cli.events()).toContain('disclosure studies list denied 1.2.8.1 CARE');
  const commands = [
    ['studies', 'show'],
    ['ecg', 'show'],
    ['export', cli.file('out')],
  ];
  for (const [command = '', ...rest] of commands) {
    const run = (uid: string) =>
      command === 'export' ? cli.run(command, uid, ...rest) : cli.run(command, ...rest, uid);
    const denied = await run('1.2.8.1');
    const none = await run('1.2.8.9');
    expect([denied.code, denied.output]).toEqual([1, none.output.replace('1.2.8.9', '1.2.8.1')]);
  }
  expect(existsSync(cli.file('out'))).toBe(false);
  expect(await cli.events()).toEqual(
    expect.arrayContaining(
      ['studies show', 'ecg show', 'export'].map((name) => `disclosure ${name} denied 1.2.8.1 CARE`),
    ),
  );
  expect(uids(await cli.json<Shown>(0, 'studies', 'list', ...EMERGENCY))).toEqual(['1.2.8.1', '1.2.8.2']);
  expect(uids(await cli.json<Shown>(0, 'studies', 'show', '1.2.8.1', ...EMERGENCY))).toEqual(['1.2.8.1']);
  expect(await cli.events()).toContain('disclosure studies show permitted 1.2.8.1 EMERGENCY');
});

test('a list that would have to look through more than index.findLimit that it may not show is refused', async () => {
  const cli = await archive(true);
  await importTownsStatement(cli);
  const few = ['--limit', '1', '--set', 'index.findLimit=1'];
  {
    await using index = await IndexService.open({ path: `${cli.storage}/kuva.sqlite`, readers: 1 });
    for (let n = 3; n < 600; n += 1) await index.addInstance(study(`1.2.8.${n}`, 'Town', '20251101'));
  }
  const refused = await cli.run('studies', 'list', ...few);
  expect([refused.code, refused.stderr]).toEqual([1, expect.stringContaining('--patient-id')]);
  expect((await cli.run('documents', 'list', ...few)).code).toBe(0);
  expect(uids(await cli.json<Shown>(0, 'studies', 'list'))).toEqual(['1.2.8.2']);
});

test('without disclosure control an administrator who lists, shows or exports is in the use log', async () => {
  const cli = await archive(false);
  await importTownsStatement(cli);
  writeInstances(cli.file('dicom'), [{ study: '1.2.9', sop: '1.2.9.1', patientId: PATIENT }]);
  await cli.json(0, 'import', cli.file('dicom'));
  await cli.json(0, 'documents', 'list', '--kind', 'statement');
  await cli.json(0, 'studies', 'list');
  await cli.json(0, 'studies', 'show', '1.2.8.1');
  await cli.json(0, 'export', '1.2.9', cli.file('out'));
  expect((await cli.run('ecg', 'show', '1.2.9')).stderr).toContain('has no ECG');
  expect(await cli.events()).toEqual(
    expect.arrayContaining([
      `use documents list permitted ${STATEMENT.oid} ADMINISTRATION`,
      'use studies list permitted 1.2.8.1 ADMINISTRATION',
      'use studies list permitted 1.2.8.2 ADMINISTRATION',
      'use studies show permitted 1.2.8.1 ADMINISTRATION',
      'use export permitted 1.2.9 ADMINISTRATION',
      'use ecg show permitted 1.2.9 ADMINISTRATION',
    ]),
  );
});

test('what cannot be put on record is not shown', async () => {
  const cli = await archive(true);
  const db = new Sqlite(`${cli.storage}/kuva.sqlite`);
  db.exec("CREATE TRIGGER full BEFORE INSERT ON access_log_entry BEGIN SELECT RAISE(ABORT, 'no room'); END");
  db.close();
  for (const args of [
    ['documents', 'list'],
    ['documents', 'show', ENTRY.oid],
    ['documents', 'export', ENTRY.oid],
    ['studies', 'list'],
    ['studies', 'show', '1.2.8.2'],
    ['export', '1.2.8.2', cli.file('out')],
    ['ecg', 'show', '1.2.8.2'],
  ]) {
    const { code, stdout } = await cli.run(...args);
    expect([args[0], code, stdout]).toEqual([args[0], 1, '']);
  }
  expect(existsSync(cli.file('out'))).toBe(false);
});
