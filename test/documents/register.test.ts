import { createHash } from 'node:crypto';
import { readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { openInProcessCli } from '../cli/in-process.ts';
import { writeInstances } from '../cli/kuva.ts';
import { cda, ENTRY, REQUEST, SECOND_STATEMENT, STATEMENT, writeFiles } from './documents.ts';

test('documents are imported in any order of files, listed, shown, exported, verified and found again after the database is lost', async () => {
  await using cli = await openInProcessCli();
  writeFiles(cli.file('cda'), {
    '1.xml': cda(SECOND_STATEMENT),
    '2.xml': cda(STATEMENT),
    '3.xml': cda(REQUEST),
    '4.xml': cda(ENTRY),
    '5.xml': '<!DOCTYPE a [<!ENTITY b "c">]><a>&b;</a>',
    'notes.txt': 'none',
  });
  const imported = await cli.run('documents', 'import', cli.file('cda'), '--json');
  expect(imported).toMatchObject({
    code: 1,
    stderr: expect.stringMatching(/5\.xml: document: a document type declaration is not allowed .*\(no-doctype\)/),
  });
  expect(JSON.parse(imported.stdout)).toEqual({ files: 6, new: 4, duplicate: 0, refused: 1, notXml: 1 });

  expect(await cli.json(0, 'documents', 'list', '--patient', REQUEST.patient.id, '--state', 'current')).toHaveLength(3);
  const [shown] = await cli.json(0, 'documents', 'show', SECOND_STATEMENT.oid);
  expect(shown).toMatchObject({
    kind: 'statement',
    version: 2,
    replaces: STATEMENT.oid,
    versions: [{ state: 'current' }, { state: 'replaced' }],
  });
  const exported = await cli.run('documents', 'export', ENTRY.oid);
  expect(exported.stdout).toBe(cda(ENTRY));

  expect(await cli.json(0, 'verify')).toMatchObject([{ documents: 4, unregistered: 0, damaged: 0 }]);
  writeInstances(cli.file('dicom'), [{ study: '1.2.3', sop: '1.2.3.4' }]);
  await cli.json(0, 'import', cli.file('dicom'));
  expect(await cli.json(0, 'reindex', '--fresh')).toMatchObject([
    { indexed: 1, documents: { registered: 4, left: 0 } },
  ]);
  expect(await cli.json(0, 'documents', 'list', '--state', 'replaced')).toMatchObject([
    { oid: STATEMENT.oid, source: 'REINDEX' },
  ]);
});

test('a damaged document and one that nobody registered are told by verify', async () => {
  await using cli = await openInProcessCli();
  const [path = ''] = writeFiles(cli.file('cda'), { 'a.xml': cda(ENTRY) });
  await cli.json(0, 'documents', 'import', path);
  const sha256 = createHash('sha256').update(readFileSync(path)).digest('hex');
  const folder = join(cli.storage, 'documents', sha256.slice(0, 2), sha256.slice(2, 4));
  expect(readdirSync(folder)).toEqual([`${sha256}.xml`]);
  writeFileSync(join(folder, `${sha256}.xml`), 'torn');
  writeFileSync(join(folder, `${'0'.repeat(64)}.xml`), 'stray');
  const [verified] = await cli.json<{ damages: { code: string }[] }>(1, 'verify');
  expect(verified?.damages.map(({ code }) => code)).toEqual(['DOCUMENT_CORRUPT', 'DOCUMENT_UNREGISTERED']);
});

test('a document is invalidated once, with its reason', async () => {
  await using cli = await openInProcessCli();
  await cli.json(0, 'documents', 'import', ...writeFiles(cli.file('cda'), { 'a.xml': cda(ENTRY) }));
  await cli.json(0, 'documents', 'invalidate', ENTRY.oid, '--reason', 'wrong patient');
  expect(await cli.json(0, 'documents', 'show', ENTRY.oid)).toMatchObject([
    { state: 'invalidated', stateReason: 'wrong patient' },
  ]);
  expect((await cli.run('documents', 'invalidate', ENTRY.oid, '--reason', 'again')).code).toBe(1);
  expect((await cli.run('documents', 'show', '1.2.3')).code).toBe(1);
  expect((await cli.run('documents', 'list', '--kind', 'letter')).code).toBe(2);
});

test('the sample documents are all taken', async () => {
  await using cli = await openInProcessCli();
  const files = await cli.json(0, 'documents', 'sample', cli.file('samples'));
  expect(await cli.json(0, 'documents', 'import', cli.file('samples'))).toMatchObject([
    { new: files.length, refused: 0 },
  ]);
});
