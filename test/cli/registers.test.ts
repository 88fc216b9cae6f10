import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test, vi } from 'vitest';
import { openCli } from './kuva.ts';

// Each command is a process of its own; on a busy machine they take a while.
vi.setConfig({ testTimeout: 180_000 });

test('an AE is added, shown, changed, listed and removed', async () => {
  await using cli = await openCli();
  const [added] = await cli.json(
    0,
    'ae',
    'add',
    'CT1',
    '--host',
    '10.0.0.7',
    '--service',
    'echo,store',
    '--organisation',
    'District',
  );
  expect(added).toEqual({
    aet: 'CT1',
    host: '10.0.0.7',
    port: 104,
    tls: false,
    organisation: 'District',
    addresses: [],
    calledAETs: [],
    services: ['echo', 'store'],
    maxSubAssociations: 1,
    qualityControl: false,
    description: '',
    certificates: [],
  });

  const changed = { ...added, port: 11112, tls: true, addresses: ['10.0.4.0/24', '::1'], maxSubAssociations: 3 };
  expect(
    await cli.json(
      0,
      'ae',
      'add',
      'CT1',
      '--port',
      '11112',
      '--tls',
      '--address',
      '10.0.4.0/24',
      '--address',
      '::1',
      '--max-sub-associations',
      '3',
    ),
  ).toEqual([changed]);
  expect(await cli.json(0, 'ae', 'show', 'CT1')).toEqual([changed]);
  const certificate = 'O=Example\\, District, CN=CT1';
  expect(await cli.json(0, 'ae', 'add', 'CT1', '--certificate', 'O="Example, District", CN=CT1')).toEqual([
    { ...changed, certificates: [certificate] },
  ]);
  const taken = ['--remove-address', '::1', '--remove-certificate', certificate, '--called', 'KUVA'];
  expect(await cli.json(0, 'ae', 'add', 'CT1', ...taken)).toEqual([
    { ...changed, addresses: ['10.0.4.0/24'], calledAETs: ['KUVA'] },
  ]);
  await cli.json(0, 'ae', 'add', 'CT1', '--remove-called', 'KUVA');
  for (const [args, code, said] of [
    [['--remove-address', '::1'], 1, 'AE CT1 has no address ::1; kuva ae show CT1 tells what it has'],
    [['--remove-called', 'KUVA'], 1, 'AE CT1 has no called AE title KUVA'],
    [['--certificate', 'CT1'], 2, '--certificate CT1: write the subject'],
  ] as const) {
    const refused = await cli.run('ae', 'add', 'CT1', ...args);
    expect([refused.code, refused.stderr]).toEqual([code, expect.stringContaining(said)]);
  }
  await cli.json(0, 'ae', 'add', 'PACS', '--host', 'pacs.example.org');
  expect((await cli.json(0, 'ae', 'list')).map((row) => row['aet'])).toEqual(['CT1', 'PACS']);
  expect((await cli.run('ae', 'list')).stdout).toMatch(
    /^AE +host +port .*\nCT1 +10\.0\.0\.7 +11112 +yes +echo,store +District/,
  );

  expect(await cli.json(0, 'ae', 'remove', 'CT1')).toEqual([{ removed: 'CT1' }]);
  const gone = await cli.run('ae', 'show', 'CT1');
  expect([gone.code, gone.stderr]).toEqual([1, 'kuva: AE CT1 is not in the register; kuva ae list shows it\n']);
  expect((await cli.run('ae', 'remove', 'CT1')).code).toBe(1);
  await cli.json(0, 'ae', 'remove', 'PACS');
  expect(await cli.json(0, 'ae', 'list')).toEqual([]);
});

test('an object in quarantine is shown by the beginning of its sum, with the tag as people write it', async () => {
  await using cli = await openCli();
  await cli.json(0, 'ae', 'add', 'CT1', '--host', '10.0.0.7');
  const folder = join(cli.storage, 'quarantine', '2026');
  mkdirSync(folder, { recursive: true });
  const put = (sha256: string) => {
    const entry = {
      sha256,
      size: 3,
      code: 'UID_MISSING',
      text: 'no Study Instance UID',
      facts: { tag: 0x0020_000d, offset: 7 },
      firstReceivedAt: '2026-01-02T03:04:05.000Z',
      lastReceivedAt: '2026-01-02T03:04:05.000Z',
      times: 1,
    };
    writeFileSync(join(folder, `${sha256}.dcm`), 'abc');
    writeFileSync(join(folder, `${sha256}.json`), JSON.stringify(entry));
  };
  const [one, other] = ['a'.repeat(64), `${'a'.repeat(12)}${'b'.repeat(52)}`];
  put(one);
  put(other);
  const shown = await cli.run('quarantine', 'show', `${'A'.repeat(12)}B`);
  expect(shown.code).toBe(0);
  expect(shown.stdout).toContain(`${other}.dcm`);
  expect(shown.stdout).toMatch(/^tag +\(0020,000D\)$/m);
  expect((await cli.json(0, 'quarantine', 'show', one))[0]).toMatchObject({ sha256: one, facts: { tag: 0x0020_000d } });
  const ambiguous = await cli.run('quarantine', 'show', 'aaaaaaaa');
  expect([ambiguous.code, ambiguous.stdout]).toEqual([1, '']);
  expect(ambiguous.stderr).toContain('2 objects in quarantine begin with aaaaaaaa');
  expect((await cli.run('quarantine', 'show', 'bbbbbbbb')).code).toBe(1);
});

test('an archive without anything says so, on standard error, and gives no JSON', async () => {
  await using cli = await openCli();
  await cli.json(0, 'ae', 'add', 'CT1', '--host', '10.0.0.7');
  for (const [args, said] of [
    [['studies', 'list'], 'no study'],
    [['conflicts', 'list'], 'no conflict'],
    [['quarantine', 'list'], 'the quarantine is empty'],
    [['stats'], 'nothing has been stored yet'],
  ] as const) {
    const { code, stdout, stderr } = await cli.run(...args);
    expect([code, stdout]).toEqual([0, '']);
    expect(stderr).toContain(said);
    expect(await cli.json(0, ...args)).toEqual([]);
  }
});
