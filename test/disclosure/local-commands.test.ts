import { expect, onTestFinished, test } from 'vitest';
import { decodeEntry } from '../../src/access-log/access-entry.ts';
import { IndexService } from '../../src/index/index-service.ts';
import type { OrganisationRow } from '../../src/index/registers/register-types.ts';
import { newInstance } from '../../src/index/test-support/new-instance.ts';
import type { Cli } from '../cli/kuva.ts';
import { openInProcessCli } from '../cli/in-process.ts';
import { cda, ENTRY, REQUEST, writeFiles } from '../documents/documents.ts';

const PATIENT = REQUEST.patient.id;
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
async function archive(enabled: boolean): Promise<Cli & { readonly logged: () => Promise<string[]> }> {
  const cli = await openInProcessCli({
    KUVA_DISCLOSURE__ENABLED: String(enabled),
    KUVA_NODE__ORGANISATION: 'District',
  });
  onTestFinished(() => cli[Symbol.asyncDispose]());
  const open = () => IndexService.open({ path: `${cli.storage}/kuva.sqlite`, readers: 1 });
  {
    await using index = await open();
    await index.write('organisationPut', organisation('District', REQUEST.controllerOid ?? ''));
    await index.write('organisationPut', organisation('Town', '1.2.246.10.90000055.19.0'));
    await index.addInstance(study('1.2.8.1', 'Town', '20251101'));
    await index.addInstance(study('1.2.8.2', 'District', '20251020'));
  }
  await cli.json(
    0,
    'documents',
    'import',
    ...writeFiles(cli.file('cda'), { 'a.xml': cda(REQUEST), 'b.xml': cda(ENTRY) }),
  );
  const logged = async (): Promise<string[]> => {
    await using index = await open();
    const entries = await index.read('accessLogEntries', { limit: 1000 });
    return entries
      .map(({ log, record }) => ({ ...decodeEntry(log, record ?? ''), log }))
      .filter(({ person }) => person === PATIENT)
      .map(({ log, outcome, itemId, reasonCode }) => `${log} ${outcome} ${itemId} ${reasonCode}`)
      .toSorted();
  };
  return { ...cli, logged };
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
