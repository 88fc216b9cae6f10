import { cpSync, existsSync, mkdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { UID } from '../../src/dicom/uids.ts';
import { findscu } from '../support/dcmtk.ts';
import { NodeProcess } from '../support/node-process.ts';
import { getStudies } from '../support/retrieve-client.ts';
import { tempDir } from '../support/temp-dir.ts';
import { sendObjects, testObject } from '../support/test-objects.ts';

const CT = { sopClassUid: UID.CTImageStorage, transferSyntaxUid: UID.ExplicitVRLittleEndian };
const objectsOf = (study: number) =>
  [1, 2, 3].map((n) => testObject({ study: `2.25.${study}`, sop: `2.25.${study}.1.${n}` }));

async function studiesOf(node: NodeProcess): Promise<string[]> {
  const { matches } = await findscu(node.peer('A'), 'study', ['QueryRetrieveLevel=STUDY', 'StudyInstanceUID']);
  return matches.map((row) => row.get('0020,000d')!).toSorted();
}

test('a copy that was made while objects came, and the trees as they are after it, are an archive again', async () => {
  await using dir = await tempDir();
  const copy = dir.file('copy.sqlite');
  await using node = await NodeProcess.start({ aes: [{ aet: 'PACS', port: 11_112 }] });
  for (let study = 1; study <= 3; study++) await sendObjects(node.peer('A'), objectsOf(study));
  const [made, ...sent] = await Promise.all([
    node.kuva('backup', copy, '--json'),
    ...Array.from({ length: 20 }, (_, n) => sendObjects(node.peer('A'), objectsOf(n + 4))),
  ]);
  expect(made, made.output).toMatchObject({ code: 0 });
  expect(sent.flat().every((status) => status === 0)).toBe(true);
  const told = JSON.parse(made.stdout) as { bytes: number; studies: number };
  expect(told.studies).toBeGreaterThanOrEqual(3);
  expect(told.bytes).toBe(statSync(copy).size);
  expect(statSync(copy).mode & 0o777).toBe(0o600);
  expect(['.part', '-wal', '-shm'].some((end) => existsSync(`${copy}${end}`))).toBe(false);

  await using restored = await NodeProcess.start({
    prepare: (root) => {
      mkdirSync(root, { recursive: true });
      cpSync(copy, join(root, 'kuva.sqlite'));
      cpSync(join(node.storageRoot, 'objects'), join(root, 'objects'), { recursive: true });
    },
  });
  expect(await studiesOf(restored)).toEqual(expect.arrayContaining(['2.25.1', '2.25.2', '2.25.3']));
  expect((await restored.kuva('ae', 'list')).stdout).toContain('PACS');
  const { received } = await getStudies(restored.peer('A'), ['2.25.2'], [CT]);
  expect(received.map(({ dataSet }) => dataSet.toString('hex')).toSorted()).toEqual(
    objectsOf(2)
      .map(({ dataSet }) => dataSet.toString('hex'))
      .toSorted(),
  );
  await restored.stop();
  // What came after the copy is in the tree alone.
  expect(await restored.kuva('reindex')).toMatchObject({ code: 0 });
  await restored.start();
  expect(await studiesOf(restored)).toEqual(await studiesOf(node));
  expect((await restored.kuva('verify')).code).toBe(0);
}, 120_000);

test('nothing is written over, and what cannot be written leaves nothing behind', async () => {
  await using dir = await tempDir();
  await using node = await NodeProcess.start();
  writeFileSync(dir.file('there'), 'mine');
  expect(await node.kuva('backup', dir.file('there'))).toMatchObject({
    code: 2,
    output: expect.stringContaining('the file is there already'),
  });
  expect(readFileSync(dir.file('there'), 'utf8')).toBe('mine');
  expect(await node.kuva('backup', dir.file('nowhere/copy'))).toMatchObject({ code: 2 });
  writeFileSync(dir.file('copy.part'), 'of another one at work');
  expect(await node.kuva('backup', dir.file('copy'))).toMatchObject({
    code: 1,
    output: expect.stringContaining('another backup is at work'),
  });
  expect(existsSync(dir.file('copy'))).toBe(false);
});
