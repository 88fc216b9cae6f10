import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { cda, ENTRY, STATEMENT, writeFiles } from '../documents/documents.ts';
import { storescu } from '../support/dcmtk.ts';
import { NodeProcess } from '../support/node-process.ts';
import { succeeded } from '../support/run-process.ts';
import { samplePath } from '../support/samples.ts';
import { sendObjects, testObject } from '../support/test-objects.ts';
import { schemaProblems } from './schema-problems.ts';
import { counted, SeenTrail } from './seen-trail.ts';

vi.setConfig({ testTimeout: 120_000, hookTimeout: 60_000 });

let trail: SeenTrail;
let node: NodeProcess;

beforeAll(async () => {
  trail = await SeenTrail.start();
  node = await NodeProcess.start({ sections: { audit: trail.audit } });
});
afterAll(async () => {
  await node?.[Symbol.asyncDispose]();
  await trail?.[Symbol.asyncDispose]();
});

test('an ECG that is drawn at this machine', async () => {
  const sent = await storescu(node.peer('ECG_CART'), [samplePath('test_files/waveform_ecg.dcm')]);
  expect(sent.code, sent.output).toBe(0);
  const [stored] = await trail.told('"DICOM Instances Transferred"', 'AETITLES=ECG_CART');
  const [, study = ''] = /ParticipantObjectID="([\d.]+)" ParticipantObjectTypeCode="2"/.exec(stored) ?? [];
  await succeeded(node.kuva('ecg', 'show', study));
  const [seen] = await trail.told('"DICOM Instances Accessed"', `ParticipantObjectID="${study}"`);
  expect(seen).toMatch(/EventActionCode="R".*UserID="[^"@]+@[^"]+" UserIsRequestor="true"/);
  expect(await schemaProblems([seen])).toBe('');
});

test('the custody of a study that is written to a folder', async () => {
  const study = '2.25.61';
  await sendObjects(node.peer('CT1'), [testObject({ study, sop: `${study}.1` })]);
  const folder = trail.files.file('custody');
  await succeeded(node.kuva('proof', 'show', study, '--export', folder));
  const [exported] = await trail.told('"Export"', `ParticipantObjectID="${study}"`);
  expect(exported).toContain(`UserID="file://${folder}"`);
  expect(counted([exported])).toBe(1);
});

test('a document that a citizen downloads', async () => {
  const of = ['--oid', STATEMENT.controllerOid.replace('.19.0', ''), '--controller', STATEMENT.controllerOid];
  const joined = ['--name', 'Fictitious', '--kind', 'public', '--joined-on', '2018-10-01'];
  await succeeded(node.kuva('org', 'set', 'district', ...of, ...joined));
  await succeeded(
    node.kuva(
      'documents',
      'import',
      ...writeFiles(trail.files.file('cda'), { 'a.xml': cda(ENTRY), 'b.xml': cda(STATEMENT) }),
    ),
  );
  const file = trail.files.file('statement.xml');
  await succeeded(node.kuva('citizen', 'download', STATEMENT.patient.id, STATEMENT.oid, '--out', file));
  const [exported] = await trail.told('"Export"', `ParticipantObjectID="${STATEMENT.oid}"`, STATEMENT.patient.id);
  expect(exported).toContain(`UserID="file://${file}"`);
  expect(await schemaProblems([exported])).toBe('');
});
