import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import Sqlite from 'better-sqlite3';
import { expect, test, vi } from 'vitest';
import { indexLogStore } from '../../src/access-log/index-log-store.ts';
import { encodeEntry } from '../../src/access-log/access-entry.ts';
import { IndexService } from '../../src/index/index-service.ts';
import { openCli } from '../cli/kuva.ts';
import type { Cli } from '../cli/kuva.ts';
import { accessEntry } from '../support/access-entry.ts';

vi.setConfig({ testTimeout: 180_000 });

const PERSON = '010181-900C';
const YEAR_MS = 365.25 * 86_400_000;

async function withEntries(cli: Cli): Promise<void> {
  await using index = await IndexService.open({ path: join(cli.storage, 'kuva.sqlite'), readers: 1 });
  const ages = [13, 5, 1, 0.1];
  const entries = ages.map((years, i) =>
    encodeEntry(accessEntry({ at: Date.now() - Math.round(years * YEAR_MS), person: PERSON, itemId: `1.2.${i}` })),
  );
  await indexLogStore(index).append('disclosure', entries);
}

function tamper(cli: Cli, sql: string): void {
  const db = new Sqlite(join(cli.storage, 'kuva.sqlite'));
  expect(db.prepare(sql).run().changes).toBeGreaterThan(0);
  db.close();
}

test('the patient’s report tells two years, more for a reason, and is itself in the log', async () => {
  await using cli = await openCli();
  await withEntries(cli);
  const [report] = await cli.json<{ lines: { item: string }[]; older: number }>(0, 'log', 'report', PERSON);
  expect(report?.lines.map(({ item }) => item)).toEqual(['1.2.2', '1.2.3']);
  expect(report?.older).toBe(2);
  expect(await cli.json(0, 'log', 'list', '--log', 'disclosure', '--person', PERSON.toLowerCase())).toHaveLength(4);
  const [all] = await cli.json<{ lines: { item: string }[] }>(0, 'log', 'report', PERSON, '--reason', 'court');
  // Within the reason's reach is also the first report.
  expect(all?.lines.map(({ item }) => item)).toEqual(['1.2.0', '1.2.1', '1.2.2', '1.2.3', PERSON]);
  const letter = await cli.run('log', 'report', PERSON, '--refuse', 'vaara toisen terveydelle', '--language', 'fi');
  expect(letter.stdout).toContain('Peruste: vaara toisen terveydelle');
  const used = await cli.json<{ outcome: string; specialReason: string }>(0, 'log', 'list', '--log', 'use');
  expect(used.map(({ outcome, specialReason }) => [outcome, specialReason])).toEqual([
    ['denied', ''],
    ['permitted', 'court'],
    ['permitted', ''],
  ]);
  expect((await cli.run('log', 'report', PERSON, '--language', 'de')).code).toBe(2);
});

test('whoever reads the log is in the audit trail, for a repository that is configured', async () => {
  await using cli = await openCli();
  await withEntries(cli);
  const spooled = (): string[] => {
    const db = new Sqlite(join(cli.storage, 'kuva.sqlite'), { readonly: true });
    const messages = db.prepare<unknown[], string>('SELECT message FROM audit_message ORDER BY id').pluck().all();
    db.close();
    return messages;
  };
  expect((await cli.run('log', 'list', '--log', 'use')).code).toBe(0);
  expect(spooled()).toEqual([]);
  const repository = ['--set', 'audit.repository.host=127.0.0.1'];
  expect((await cli.run('log', 'list', '--log', 'use', ...repository)).code).toBe(0);
  expect((await cli.run('log', 'report', PERSON, ...repository)).code).toBe(0);
  expect(spooled().map((message) => /csd-code="110101".*ParticipantObjectID="([^"]+)"/.exec(message)?.[1])).toEqual([
    'kuva:KUVA/log/use',
    'kuva:KUVA/log/use',
    'kuva:KUVA/log/disclosure',
  ]);
  expect(spooled().join('')).not.toContain(PERSON);
});

test('a changed entry, a cut end and a forged proof are found from outside', async () => {
  await using cli = await openCli();
  await withEntries(cli);
  const head = cli.file('heads');
  writeFileSync(head, (await cli.run('log', 'head')).stdout);
  expect(readFileSync(head, 'utf8')).toMatch(/^kuva\/KUVA\/disclosure\n4\n/);
  const key = cli.file('key.pem');
  writeFileSync(key, (await cli.run('log', 'key')).stdout);

  const proof = cli.file('proof.json');
  expect((await cli.run('log', 'proof', 'disclosure', '1', '--out', proof)).code).toBe(0);
  const [checked] = await cli.json<{ entry: { itemId: string } }>(0, 'log', 'check-proof', proof, '--public-key', key);
  expect(checked?.entry.itemId).toBe('1.2.1');
  const twice = await cli.run('log', 'report', PERSON, '--out', proof);
  expect([twice.code, twice.stderr]).toEqual([2, expect.stringContaining('the file is there already')]);
  writeFileSync(proof, readFileSync(proof, 'utf8').replace('1.2.1', '1.2.9'));
  const forged = await cli.run('log', 'check-proof', proof, '--public-key', key);
  expect([forged.code, forged.stderr]).toEqual([1, expect.stringContaining('entry 1 is not in kuva/KUVA/disclosure')]);

  expect(await cli.json(0, 'log', 'verify', '--head', head, '--public-key', key)).toMatchObject([
    { log: 'use', entries: 0 },
    { log: 'disclosure', entries: 4, heads: 2, problems: [] },
  ]);
  tamper(cli, "UPDATE access_log_entry SET record = replace(record, 'CARE', 'NONE') WHERE seq = 2");
  const changed = await cli.run('log', 'verify');
  expect([changed.code, changed.stderr]).toEqual([1, expect.stringContaining('disclosure log, entry 2: its record')]);
  tamper(cli, 'DELETE FROM access_log_entry WHERE seq >= 2');
  tamper(cli, 'DELETE FROM access_log_node WHERE level > 1 OR position > 0');
  tamper(cli, 'DELETE FROM access_log_head');
  expect((await cli.run('log', 'verify')).code).toBe(0);
  const cut = await cli.run('log', 'verify', '--head', head);
  expect([cut.code, cut.stderr]).toEqual([1, expect.stringContaining('entries were removed from its end')]);
});

test('records past their time are taken out on demand, and the log stays whole', async () => {
  await using cli = await openCli();
  await withEntries(cli);
  expect(await cli.json(0, 'log', 'prune')).toContainEqual({ log: 'disclosure', through: 0, taken: 0 });
  expect(await cli.json(0, 'log', 'prune', '--yes')).toContainEqual({ log: 'disclosure', through: 0, taken: 1 });
  expect(await cli.json(0, 'log', 'verify')).toContainEqual(
    expect.objectContaining({ log: 'disclosure', entries: 5, pruned: 1, problems: [] }),
  );
  expect((await cli.run('log', 'show', 'disclosure', '0')).stderr).toContain('taken out after its time');
  tamper(cli, "UPDATE access_log_entry SET record = NULL, person = '' WHERE log = 'disclosure' AND seq = 1");
  const { code, stderr } = await cli.run('log', 'verify');
  expect([code, stderr]).toEqual([1, expect.stringContaining('entry 1: its record is gone')]);
});
