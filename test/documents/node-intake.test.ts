import { existsSync, mkdirSync, readFileSync, readdirSync, renameSync, writeFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { storescu } from '../support/dcmtk.ts';
import { NodeProcess } from '../support/node-process.ts';
import { runProcess } from '../support/run-process.ts';
import { tempDir } from '../support/temp-dir.ts';
import { waitFor } from '../support/wait-for.ts';
import { cda, ENTRY, REQUEST, SECOND_STATEMENT, writeFiles } from './documents.ts';

const FAST = { pollInterval: '100ms', settle: '100ms' };

async function list(node: NodeProcess, ...args: string[]): Promise<Record<string, unknown>[]> {
  const { code, stdout, output } = await node.kuva('documents', 'list', '--json', ...args);
  if (code !== 0) throw new Error(output);
  return stdout.split('\n').flatMap((line) => (line === '' ? [] : [JSON.parse(line) as Record<string, unknown>]));
}

test('the drop folder: each file is taken once when it is complete, done or rejected with the reason beside it; a killed node goes on', async () => {
  await using dir = await tempDir('kuva-drop-');
  const drop = dir.file('drop');
  mkdirSync(drop);
  writeFileSync(`${drop}/entry.xml.tmp`, cda(ENTRY).slice(0, 100));
  writeFiles(drop, {
    'request.xml': cda(REQUEST),
    'early.xml': cda(SECOND_STATEMENT),
    'bad.xml': cda(ENTRY).replace(/<setId[^>]*>/, ''),
  });
  await using node = await NodeProcess.start({ sections: { documents: { dropFolder: drop, ...FAST } } });
  await waitFor(
    'three files to be moved',
    () =>
      existsSync(`${drop}/done/request.xml`) &&
      existsSync(`${drop}/rejected/bad.xml.reason.txt`) &&
      existsSync(`${drop}/rejected/early.xml.reason.txt`),
  );
  expect(readFileSync(`${drop}/rejected/bad.xml.reason.txt`, 'utf8')).toBe(
    'CDA_INVALID\nClinicalDocument/setId@root: is missing or empty (set-id)\n',
  );
  expect(readFileSync(`${drop}/rejected/early.xml.reason.txt`, 'utf8')).toMatch(/^DOCUMENT_VERSION_MISSING\n/);
  expect(readFileSync(`${drop}/rejected/bad.xml`, 'utf8')).not.toBe('');

  await node.kill();
  // A crash between register and move leaves the file: the same bytes again.
  writeFiles(drop, { 'request.xml': cda(REQUEST) });
  renameSync(`${drop}/entry.xml.tmp`, `${drop}/half.xml`);
  await node.start();
  await waitFor('the rest to be moved', () => readdirSync(drop).length === 2);
  expect(readdirSync(`${drop}/done`).toSorted()).toEqual(['request.xml', 'request.xml.1']);
  expect(readFileSync(`${drop}/rejected/half.xml.reason.txt`, 'utf8')).toMatch(/^XML_MALFORMED\n/);
  expect(await list(node)).toMatchObject([{ oid: REQUEST.oid, duplicates: 1, source: 'drop folder' }]);
  expect(node.output()).not.toMatch(/Testinen|010181/);
});

test('an Encapsulated CDA is stored as an object and registered; a bad one is stored as well, and listed', async () => {
  await using dir = await tempDir('kuva-cda-');
  const [good = '', bad = ''] = writeFiles(dir.path, {
    'good.xml': cda(ENTRY),
    'bad.xml': cda(ENTRY, { oid: '2.999.1' }).replace(/<author>.*?<\/author>/s, ''),
  });
  for (const file of [good, bad]) {
    const made = await runProcess('cda2dcm', ['+ov', file, `${file}.dcm`]);
    expect(made, made.output).toMatchObject({ code: 0 });
  }
  await using node = await NodeProcess.start({ sections: { documents: FAST } });
  const sent = await storescu(node.peer('RIS'), [`${good}.dcm`, `${bad}.dcm`]);
  expect(sent.output.match(/Store Response \(Success\)/g), sent.output).toHaveLength(2);
  const rows = await waitFor('the document', async () => {
    const found = await list(node);
    return found.length > 0 ? found : undefined;
  });
  expect(rows).toMatchObject([{ oid: ENTRY.oid, source: 'RIS', sopInstanceUid: expect.stringMatching(/^[\d.]+$/) }]);
  const exported = await node.kuva('documents', 'export', ENTRY.oid);
  expect(exported.stdout).toBe(cda(ENTRY));
  const studies = await node.kuva('stats', '--json');
  expect(studies.stdout).toContain('"instances":');
});
