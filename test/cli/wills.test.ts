import { writeFileSync } from 'node:fs';
import { expect, test, vi } from 'vitest';
import { openCli } from './kuva.ts';

vi.setConfig({ testTimeout: 180_000 });

const PATIENT = '010181-900C';

test('consents, denials and their like are recorded, listed, ended, and never deleted', async () => {
  await using cli = await openCli();
  await cli.json(0, 'consent', 'give', PATIENT, '--kind', 'suostumus', '--from', '2020-05-01');
  await cli.json(0, 'consent', 'give', PATIENT, '--from', '2024-01-01');
  await cli.json(0, 'consent', 'withdraw', PATIENT, '--at', '2025-01-01');
  expect(await cli.json(0, 'consent', 'list', PATIENT.toLowerCase())).toMatchObject([
    { kind: 'luovutuslupa', validUntil: Date.UTC(2024, 11, 31, 22) },
    { kind: 'suostumus', validUntil: Date.UTC(2023, 11, 31, 22) },
  ]);
  expect(await cli.json(0, 'log', 'list', '--person', PATIENT)).toMatchObject([
    { log: 'use', eventType: 'consent list', itemType: 'will', items: 2, purpose: 'ADMINISTRATION' },
  ]);
  const [denial] = await cli.json<{ id: number }>(0, 'denial', 'set', PATIENT, '--scope', 'all', '--emergency-allowed');
  expect(await cli.json(0, 'denial', 'cancel', String(denial!.id))).toMatchObject([{ id: denial!.id }]);
  const again = await cli.run('denial', 'cancel', String(denial!.id));
  expect([again.code, again.output]).toEqual([1, expect.stringContaining('that is still open')]);
  expect(await cli.json(0, 'denial', 'list')).toMatchObject([
    { scope: 'all', emergencyAllowed: true, endedBy: expect.stringMatching(/^cli:/) as string },
  ]);
  const wrong = await cli.run('denial', 'set', PATIENT, '--scope', 'provider');
  expect([wrong.code, wrong.output]).toEqual([
    2,
    expect.stringContaining('controller is missing: scope provider needs it'),
  ]);
});

test('a file of records comes in once and as a whole', async () => {
  await using cli = await openCli();
  const records = [
    { register: 'informing', patient: PATIENT, version: '2.0', id: 'i1', from: '2024-01-01' },
    {
      register: 'authorisation',
      organiser: '1.2.246.10.99900011.19.0',
      producer: '1.2.246.10.99900070.19.0',
      searchRegister: '2',
      id: 'a1',
      from: '2024-01-01',
    },
    { register: 'relation', patient: PATIENT, controller: '1.2.246.10.99900011.19.0', id: 'r1', from: '2024-01-01' },
  ];
  const file = cli.file('wills.jsonl');
  const write = (...lines: unknown[]) => writeFileSync(file, lines.map((line) => `${JSON.stringify(line)}\n`).join(''));
  write(...records, { register: 'relation', patient: '010190-999K' });
  const refused = await cli.run('consents', 'import', file);
  expect([refused.code, refused.output]).toEqual([1, expect.stringContaining('wills.jsonl:4: patient: ')]);
  expect(refused.output).not.toContain('010190-999K');
  write(records[2]);
  expect(await cli.json(0, 'consents', 'import', file)).toEqual([{ recorded: 1, known: 0, replaced: 0 }]);
  write(records[2], { ...records[2], until: '2026-12-31' });
  expect(await cli.json(0, 'consents', 'import', file)).toEqual([{ recorded: 0, known: 1, replaced: 1 }]);
});
