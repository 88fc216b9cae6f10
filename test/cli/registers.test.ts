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
    description: '',
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
