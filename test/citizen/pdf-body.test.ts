import { randomBytes } from 'node:crypto';
import { mkdirSync, readFileSync, readdirSync, writeFileSync } from 'node:fs';
import Sqlite from 'better-sqlite3';
import { expect, onTestFinished, test } from 'vitest';
import { openInProcessCli } from '../cli/in-process.ts';
import type { Cli } from '../cli/kuva.ts';
import { cda, STATEMENT, writeFiles } from '../documents/documents.ts';
import { canMount, tmpfs } from '../support/tmpfs.ts';

const PERSON = STATEMENT.patient.id;
const PDF = Buffer.concat([Buffer.from('%PDF-1.7\n'), randomBytes(300_000), Buffer.from('\n%%EOF\n')]);

/** The statement with that PDF in the place of its sections, in lines as MIME has them. */
function withPdfBody(): string {
  const lines = PDF.toString('base64').replaceAll(/.{76}/g, '$&\r\n');
  const body = `<component><nonXMLBody><text mediaType="application/pdf" representation="B64">\n${lines}\n</text></nonXMLBody></component>`;
  return cda(STATEMENT).replace(/<component><structuredBody>.*<\/structuredBody><\/component>/s, body);
}

/** An archive that has the document, of an organisation that has joined. */
async function archive(): Promise<Cli & { readonly share: () => Promise<string> }> {
  const cli = await openInProcessCli();
  onTestFinished(() => cli[Symbol.asyncDispose]());
  await cli.json(0, 'documents', 'import', ...writeFiles(cli.file('cda'), { 's.xml': withPdfBody() }));
  const organisation = ['--name', 'Fictitious', '--kind', 'public', '--joined-on', '2018-10-01'];
  const controller = STATEMENT.controllerOid;
  await cli.json(
    0,
    'org',
    'set',
    'o',
    ...organisation,
    '--oid',
    controller.replace('.19.0', ''),
    '--controller',
    controller,
  );
  const share = async (): Promise<string> =>
    (await cli.json<{ token: string }>(0, 'citizen', 'share', PERSON, STATEMENT.oid))[0]!.token;
  return { ...cli, share };
}

test('a PDF in a document is downloaded, shared and opened byte for byte, and the document as it came', async () => {
  const cli = await archive();
  const document = ['citizen', 'download', PERSON, STATEMENT.oid, '--out'];
  await cli.json(0, ...document, cli.file('s.pdf'), '--pdf');
  expect(readFileSync(cli.file('s.pdf')).equals(PDF)).toBe(true);
  await cli.json(0, ...document, cli.file('s.xml'));
  expect(readFileSync(cli.file('s.xml'), 'utf8')).toBe(withPdfBody());
  await cli.json(0, 'citizen', 'open', await cli.share(), '--out', cli.file('shared'));
  expect(readFileSync(cli.file('shared', `${STATEMENT.oid}.pdf`)).equals(PDF)).toBe(true);
});

test('a link is used up by no opening that cannot hand over: the name is taken, the folder is none, the log has no room', async () => {
  const cli = await archive();
  const token = await cli.share();
  const open = (folder: string) => cli.run('citizen', 'open', token, '--out', folder);
  const name = `${STATEMENT.oid}.pdf`;
  mkdirSync(cli.file('taken'));
  writeFileSync(cli.file('taken', name), 'mine');
  const taken = await open(cli.file('taken'));
  expect([taken.code, taken.output]).toEqual([
    2,
    `kuva: --out: ${cli.file('taken', name)} is there already; give another folder\n`,
  ]);
  expect(readFileSync(cli.file('taken', name), 'utf8')).toBe('mine');
  const noFolder = await open(cli.file('taken', name, 'below'));
  expect([noFolder.code, noFolder.output.trim().split('\n').length]).toEqual([2, 1]);

  const db = new Sqlite(`${cli.storage}/kuva.sqlite`);
  db.exec("CREATE TRIGGER full BEFORE INSERT ON access_log_entry BEGIN SELECT RAISE(ABORT, 'no room'); END");
  expect((await open(cli.file('unlogged'))).code).toBe(1);
  expect(readdirSync(cli.file('unlogged'))).toEqual([]);
  db.exec('DROP TRIGGER full');
  expect(db.prepare('SELECT opened_at FROM citizen_share').pluck().get()).toBeNull();
  db.close();

  expect((await open(cli.file('given'))).code).toBe(0);
  expect(readdirSync(cli.file('given'))).toEqual([name]);
  const late = await open(cli.file('late'));
  expect([late.code, late.output]).toEqual([1, expect.stringContaining('leads nowhere')]);
  const log = await cli.json<{ eventType: string }>(0, 'log', 'list', '--log', 'disclosure');
  expect(log.map(({ eventType }) => eventType)).toEqual(['share opened']);
});

test.skipIf(!canMount)('a disk that is too small for the files leaves the link open, and no part of them', async () => {
  const cli = await archive();
  const token = await cli.share();
  using small = tmpfs('size=64k');
  const full = await cli.run('citizen', 'open', token, '--out', small.path);
  expect([full.code, full.output]).toEqual([
    1,
    expect.stringContaining('cannot be written (ENOSPC); nothing is used up'),
  ]);
  expect(readdirSync(small.path)).toEqual([]);
  small.remount('size=10m');
  expect((await cli.run('citizen', 'open', token, '--out', small.path)).code).toBe(0);
  expect(readdirSync(small.path)).toEqual([`${STATEMENT.oid}.pdf`]);
});

test.skipIf(!canMount)('a download for which the disk is too small leaves no half file behind', async () => {
  const cli = await archive();
  using small = tmpfs('size=64k');
  const to = `${small.path}/s.pdf`;
  const full = await cli.run('citizen', 'download', PERSON, STATEMENT.oid, '--pdf', '--out', to);
  expect([full.code, full.output]).toEqual([1, `kuva: --out ${to}: the file cannot be written (ENOSPC)\n`]);
  expect(readdirSync(small.path)).toEqual([]);
});
