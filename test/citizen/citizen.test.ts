import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test, vi } from 'vitest';
import { openCli } from '../cli/kuva.ts';
import type { Cli } from '../cli/kuva.ts';

vi.setConfig({ testTimeout: 300_000 });

interface Shown {
  readonly oid: string;
  readonly kind: string;
}

interface Listed {
  readonly oid: string;
  readonly kind: string;
  readonly patientId: string;
  readonly controllerOid: string;
  /** The day in the document, which counts before the organisation's delay. */
  readonly displayFrom: string | null;
}

/** Sample documents in the register, of organisations that have joined; a patient who has all three kinds. */
async function withDocuments(cli: Cli): Promise<{ person: string; documents: Listed[] }> {
  const folder = cli.file('cda');
  expect((await cli.run('documents', 'sample', folder)).code).toBe(0);
  expect((await cli.run('documents', 'import', folder)).code).toBe(0);
  const listed = await cli.json<Listed>(0, 'documents', 'list', '--limit', '1000');
  for (const [i, controller] of [...new Set(listed.map(({ controllerOid }) => controllerOid))].entries()) {
    const oid = controller.split('.').slice(0, 5).join('.');
    const what = ['--oid', oid, '--controller', controller, '--kind', 'public', '--joined-on', '2018-10-01'];
    const org = await cli.run('org', 'set', `org${i}`, '--name', `Organisation ${i}`, ...what);
    expect([org.code, org.output]).toEqual([0, expect.anything()]);
  }
  const person = listed.find(
    ({ patientId, kind, displayFrom }) =>
      kind === 'statement' &&
      displayFrom === null &&
      ['request', 'entry'].every((other) => listed.some((row) => row.patientId === patientId && row.kind === other)),
  )?.patientId;
  return { person: person ?? '', documents: listed.filter(({ patientId }) => patientId === person) };
}

test('a citizen sees, downloads and shares documents; every look is logged; a delay, and death, hide them', async () => {
  await using cli = await openCli();
  const { person, documents } = await withDocuments(cli);
  const view = () => cli.json<Shown>(0, 'citizen', 'view', person);
  expect((await view()).map(({ kind }) => kind).sort()).toEqual(
    expect.arrayContaining(['entry', 'request', 'statement']),
  );
  const statement = documents.find(({ kind }) => kind === 'statement')!;

  expect((await cli.run('citizen', 'download', person, statement.oid, '--out', cli.file('s.xml'))).code).toBe(0);
  expect(readFileSync(cli.file('s.xml'), 'utf8')).toContain(statement.oid);
  expect((await cli.run('citizen', 'download', person, statement.oid, '--pdf', '--out', cli.file('s.pdf'))).code).toBe(
    0,
  );
  const pdf = readFileSync(cli.file('s.pdf'), 'latin1');
  expect([pdf.startsWith('%PDF-'), pdf.includes('/FontFile2'), pdf.trimEnd().endsWith('%%EOF')]).toEqual([
    true,
    true,
    true,
  ]);

  const [link] = await cli.json<{ id: number; token: string }>(
    0,
    'citizen',
    'share',
    person,
    statement.oid,
    '--days',
    '2',
  );
  // A token that began with a dash would be taken for an option.
  expect(link!.token).toMatch(/^[0-9a-f]{32,}$/);
  expect((await cli.run('citizen', 'open', link!.token, '--out', cli.file('shared'))).code).toBe(0);
  expect(readdirSync(cli.file('shared'))).toEqual([`${statement.oid}.pdf`]);
  const again = await cli.run('citizen', 'open', link!.token, '--out', cli.file('again'));
  const unknown = await cli.run('citizen', 'open', 'x'.repeat(32), '--out', cli.file('again'));
  expect([again.code, again.stderr]).toEqual([1, unknown.stderr]);
  const [taken] = await cli.json<{ id: number; token: string }>(0, 'citizen', 'share', person, statement.oid);
  expect((await cli.run('citizen', 'unshare', person, String(taken!.id))).code).toBe(0);
  expect((await cli.run('citizen', 'open', taken!.token, '--out', cli.file('again'))).code).toBe(1);

  expect(await cli.json(0, 'citizen', 'shares', person)).toHaveLength(2);
  const log = await cli.json<{ event: string; item: string; log: string; user: string; recipient: string }>(
    0,
    'citizen',
    'log',
    person,
  );
  const ofStatement = (event: string) => log.filter((line) => line.event === event && line.item === statement.oid);
  expect([ofStatement('citizen download').length, ofStatement('citizen share').length]).toEqual([2, 2]);
  expect(ofStatement('citizen shares').length).toBe(1);
  expect(ofStatement('share opened')).toMatchObject([{ log: 'disclosure', user: '', recipient: `link ${link!.id}` }]);
  expect(log.some(({ event }) => event === 'citizen view')).toBe(true);

  const organisations = await cli.json<{ key: string; controllerOid: string }>(0, 'org', 'list');
  const own = organisations.find(({ controllerOid }) => controllerOid === statement.controllerOid)!;
  expect((await cli.run('citizen', 'delay', 'set', own.key, 'statement', '3650')).code).toBe(0);
  expect((await view()).map(({ oid }) => oid)).not.toContain(statement.oid);
  expect((await cli.run('citizen', 'view', person, '--why')).stderr).toMatch(/hidden: .* DELAYED until 20/);
  // Whoever asks why is not the citizen.
  expect(await cli.json(0, 'log', 'list', '--person', person)).toContainEqual(
    expect.objectContaining({ eventType: 'citizen view --why', itemId: statement.oid, role: 'administrator' }),
  );
  expect((await cli.run('citizen', 'person', person, '--deceased', '2026-01-31')).code).toBe(0);
  expect(await view()).toEqual([]);
});

test('a guardian consents and does not deny; somebody without custody does neither; nobody is told what there is', async () => {
  await using cli = await openCli();
  const [child, guardian, stranger] = ['010316A9007', '010181-900C', '131052-308T'];
  const checked = await cli.run('citizen', 'guardian', 'add', child, guardian);
  expect([checked.code, checked.stderr]).toEqual([0, expect.any(String)]);
  const consent = (as: string) => cli.run('citizen', 'consent', child, '--as', as);
  expect((await consent(guardian)).code).toBe(0);
  expect([(await consent(stranger)).code, (await consent('010181-900D')).code]).toEqual([1, 2]);
  const denial = await cli.run('citizen', 'denial', child, '--scope', 'all', '--as', guardian);
  expect([denial.code, denial.stderr]).toEqual([2, expect.stringContaining('guardian')]);
  expect((await cli.run('citizen', 'denial', guardian, '--scope', 'all')).code).toBe(0);
  const [row] = await cli.json<{ id: number; via: string }>(0, 'denial', 'list', guardian);
  expect(row?.via).toBe('citizen');
  expect((await cli.run('citizen', 'undeny', child, String(row?.id))).code).toBe(1);
  expect((await cli.run('citizen', 'undeny', guardian, String(row?.id))).code).toBe(0);
  expect((await cli.run('citizen', 'consent', child, '--withdraw', '--as', guardian)).code).toBe(0);
  expect((await cli.run('citizen', 'person', guardian, '--deceased', '2026-01-31')).code).toBe(0);
  expect((await consent(guardian)).code).toBe(1);
  const late = await cli.run('citizen', 'denial', guardian, '--scope', 'all');
  expect([late.code, late.stderr]).toEqual([1, expect.stringContaining('has died')]);
});

test('there is no way to an image: neither a command, nor a part of the view', async () => {
  await using cli = await openCli();
  const help = (await cli.run('citizen', '--help')).stdout;
  expect(help).toMatch(/view.*download.*share/s);
  expect(help).not.toMatch(/\b(image|thumbnail|retrieve|wado)\b(?! )/i);
  const folder = join(import.meta.dirname, '../../src/citizen');
  for (const file of readdirSync(folder)) {
    const imports = readFileSync(join(folder, file), 'utf8').match(/from '\.\.\/(\w+)/g) ?? [];
    expect(imports.map((text) => text.slice(9))).not.toContain('store');
  }
});
