import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import Sqlite from 'better-sqlite3';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { UID } from '../../src/dicom/uids.ts';
import { buildDataSet, identityOf, SHAPES } from '../bench/objects.ts';
import { writeInstances } from '../cli/kuva.ts';
import { NodeProcess } from '../support/node-process.ts';
import { associate } from '../support/own-sender.ts';
import { succeeded } from '../support/run-process.ts';
import { waitFor } from '../support/wait-for.ts';
import { schemaProblems } from './schema-problems.ts';
import { counted, SeenTrail } from './seen-trail.ts';

vi.setConfig({ testTimeout: 120_000, hookTimeout: 60_000 });

let trail: SeenTrail;

beforeAll(async () => {
  trail = await SeenTrail.start();
});
afterAll(() => trail?.[Symbol.asyncDispose]());

function ask(storageRoot: string, sql: string): unknown {
  const db = new Sqlite(join(storageRoot, 'kuva.sqlite'), { readonly: true });
  try {
    return db.prepare(sql).pluck().get();
  } finally {
    db.close();
  }
}

test('every object that was acknowledged is told, though the node was killed before its association ended', async () => {
  await using node = await NodeProcess.start({ sections: { audit: trail.audit } });
  const { sopClassUid } = SHAPES.tiny;
  const assoc = await associate(node.peer('KILLED_CT'), [
    { abstractSyntax: sopClassUid, transferSyntaxes: [UID.ExplicitVRLittleEndian] },
  ]);
  const pc = assoc.contextFor(sopClassUid, UID.ExplicitVRLittleEndian);
  if (pc === undefined) throw new Error('context refused');
  let acknowledged = 0;
  const storing = (async () => {
    for (let i = 0; ; i += 1) {
      const identity = identityOf('tiny', 1, i);
      const status = await assoc.store({
        pc,
        affectedSOPClassUID: sopClassUid,
        affectedSOPInstanceUID: identity.sopUid,
        priority: 0,
        dataSet: buildDataSet('tiny', identity),
      });
      if (status.code === 0) acknowledged += 1;
    }
  })().catch(() => undefined);
  await waitFor('some objects', () => acknowledged >= 40);
  await node.kill();
  await storing;
  const transferred = ['KILLED_CT', '"DICOM Instances Transferred"'];
  expect(trail.having(...transferred)).toEqual([]);
  await node.start();
  const messages = await waitFor('what had been counted', () => {
    const found = trail.having(...transferred, 'the node ended before the association did');
    return counted(found) >= acknowledged ? found : undefined;
  });
  // No more than is kept either but for whole files that the start has found and that nobody was told of; nothing is left to tell.
  const checked = node
    .output()
    .split('\n')
    .findLast((line) => line.includes('"storage checked"'));
  const { adopted } = JSON.parse(checked ?? '') as { adopted: number };
  expect(counted(messages) + adopted).toBe(ask(node.storageRoot, 'SELECT count(*) FROM instance'));
  expect(ask(node.storageRoot, 'SELECT count(*) FROM audit_reception')).toBe(0);
  expect(await schemaProblems(messages)).toBe('');
});

test('an import is told with who did it and from where, and what was refused beside it', async () => {
  await using node = await NodeProcess.start({ sections: { audit: trail.audit } });
  const folder = trail.files.file('media');
  writeInstances(folder, [
    { study: '1.2.7', sop: '1.2.7.1', patientId: 'IMPORT-1' },
    { study: '1.2.7', sop: '1.2.7.2', patientId: 'IMPORT-1' },
    { study: '1.2.8', sop: '1.2.8.1', patientId: 'IMPORT-2' },
  ]);
  await succeeded(node.kuva('import', folder));
  const [told] = await trail.told('"Import"', 'IMPORT-1');
  expect(told).toContain('ParticipantObjectID="IMPORT-2"');
  expect(counted([told])).toBe(3);
  expect(told).toMatch(/UserID="[^"@]+@[^"]+" UserIsRequestor="true"><RoleIDCode csd-code="110152"/);
  expect(told).toContain(`UserID="file://${folder}" UserIsRequestor="false"><RoleIDCode csd-code="110155"`);
  writeFileSync(join(folder, 'torn.dcm'), Buffer.concat([Buffer.alloc(128), Buffer.from('DICM'), Buffer.alloc(40, 2)]));
  expect((await node.kuva('import', folder)).code).toBe(1);
  const [refused] = await trail.told('"Import"', '1 files were refused');
  expect(refused).toContain('EventOutcomeIndicator="8"');
  expect(await schemaProblems([told, refused])).toBe('');
});

test('an import that was killed is told by the next one', async () => {
  await using node = await NodeProcess.start({ sections: { audit: trail.audit } });
  const folder = trail.files.file('many');
  const objects = 600;
  writeInstances(
    folder,
    Array.from({ length: objects }, (_, i) => ({ study: '1.2.9', sop: `1.2.9.${i}`, patientId: 'KILLED-IMPORT' })),
  );
  const running = node.kuvaRunning('import', folder, '--parallel', '2');
  await waitFor('some of them', () => Number(ask(node.storageRoot, 'SELECT count(*) FROM instance')) > 20);
  await running.stop('SIGKILL');
  const before = Number(ask(node.storageRoot, 'SELECT count(*) FROM instance'));
  expect(before).toBeLessThan(objects);
  await succeeded(node.kuva('import', folder));
  const interrupted = await trail.told('"Import"', 'KILLED-IMPORT', 'the import was interrupted');
  expect(counted(interrupted)).toBe(before);
  // What had not been noted as done came again, and is counted again.
  await waitFor('the rest', () => counted(trail.having('"Import"', 'KILLED-IMPORT')) >= objects);
});
