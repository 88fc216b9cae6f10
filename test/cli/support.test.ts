import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test, vi } from 'vitest';
import { NodeProcess } from '../support/node-process.ts';
import { tempDir } from '../support/temp-dir.ts';
import { waitFor } from '../support/wait-for.ts';
import { openCli, writeInstances } from './kuva.ts';

// Each command is a process of its own; on a busy machine they take a while.
vi.setConfig({ testTimeout: 120_000 });

const HETU = '010190-900A';

test('a bundle says what helps and nothing of a patient, also where the log does and somebody typed a code into a reason', async () => {
  await using dir = await tempDir();
  const log = dir.file('kuva.log');
  await using node = await NodeProcess.start({
    sections: {
      logging: { file: log, patientData: 'true', level: 'debug' },
      egress: { destination: { aeTitle: 'NOBODY', host: '127.0.0.1', port: 1, tls: false }, quietTime: '0s' },
      access: {
        userIdentity: { users: [{ name: 'anna', passcodeHash: `scrypt:${'ab'.repeat(16)}:${'cd'.repeat(32)}` }] },
      },
    },
  });
  writeInstances(dir.file('in'), [{ study: '1.2.77', sop: '1.2.77.1', patientId: HETU, comment: 'Koe^Potilas' }]);
  expect((await node.kuva('import', dir.file('in'))).code).toBe(0);
  expect((await node.kuva('ae', 'add', 'CT1', '--host', '10.0.0.7', '--description', `room of ${HETU}`)).code).toBe(0);
  await waitFor('the study to be held', async () =>
    (await node.kuva('held', '--json')).stdout.includes('"code"') ? true : undefined,
  );

  const bundle = dir.file('incident');
  const written = await node.kuva('support', 'bundle', bundle);
  expect(written.output).toContain('look at it before you send it');
  const files = Object.fromEntries(
    readdirSync(bundle).map((name) => [name, readFileSync(join(bundle, name), 'utf8')]),
  ) as Record<string, string>;

  const json = (name: string) => JSON.parse(files[name] ?? 'null') as Record<string, never>;
  expect(json('state.json')).toMatchObject({ state: 'running', health: { ok: true } });
  expect(json('counts.json')).toMatchObject({ totals: { studies: 1, instances: 1 } });
  expect(json('queue.json')['held']).toEqual(expect.arrayContaining([expect.objectContaining({ studies: 1 })]));
  expect(json('configuration.json')).toMatchObject({ access: { userIdentity: { users: [{ name: 'anna' }] } } });
  expect(json('registers.json')).toMatchObject({
    ae: [{ aet: 'CT1', description: 'room of (personal identity code)' }],
  });
  expect(files['metrics.txt']).toMatch(/^kuva_/m);
  expect(files['log.jsonl']!.split('\n').length).toBeGreaterThan(3);
  expect(files['README.txt']!.split('\n').length).toBe(Object.keys(files).length);

  const secrets = [HETU, 'Koe^Potilas', '1.2.77', 'scrypt:'];
  for (const [name, content] of Object.entries(files))
    for (const secret of name === 'log.jsonl' ? [HETU, 'Koe^Potilas', 'scrypt:'] : secrets)
      expect(content, `${secret} in ${name}`).not.toContain(secret);

  const again = await node.kuva('support', 'bundle', bundle);
  expect([again.code, again.stderr]).toEqual([2, expect.stringContaining('give the name of a new folder')]);
});

test('without node and database a bundle says what is missing', async () => {
  await using cli = await openCli();
  expect((await cli.run('support', 'bundle', 'here')).code).toBe(0);
  expect(readFileSync(cli.file('here', 'state.json'), 'utf8')).toContain('"not running"');
  expect(readFileSync(cli.file('here', 'registers.json'), 'utf8')).toContain('there is no database');
  const nowhere = await cli.run('support', 'bundle', 'no/such/folder');
  expect([nowhere.code, nowhere.stderr]).toEqual([2, expect.stringContaining('the folder above it is not there')]);
});

test('who is to be called depends on the hour and the day in Helsinki', async () => {
  await using cli = await openCli({ TZ: 'Europe/Helsinki' });
  const asked = async (at: string) => (await cli.json(0, 'support', 'contacts', '--at', at))[0]!;
  expect(await asked('2026-11-25T07:00')).toMatchObject({ office: { open: true }, changes: { time: '17:00' } });
  expect(await asked('2026-12-24T12:00')).toMatchObject({
    office: { open: false },
    changes: { day: '2026-12-28', time: '07:00' },
    reachable: [{ phone: '+358 9 000 2400' }],
  });
  const text = await cli.run('support', '--at', '2026-12-24T12:00');
  expect(text.stdout).toContain('closed now, opens mon 2026-12-28 07:00');
  expect(text.stdout).toMatch(/call now +\+358 9 000 2400\n/);
  expect((await cli.run('support', '--at', 'noon')).stderr).toContain('write a moment such as');
});
