import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { openInProcessCli } from './in-process.ts';
import { REPO } from './kuva.ts';

const EXAMPLES = join(REPO, 'config/examples');
const ORGANISATIONS = join(EXAMPLES, 'organisations-2021.yaml');
const RADIOLOGY = '1.2.246.10.90000003.6.4';
const ECG = '1.2.246.10.90000003.6.2';
// Dozens of commands, each with a database of its own to open and close.
const SLOW = { timeout: 120_000 };

test(
  'the example organisations: eight in production, sixteen planned; imported again they change nothing',
  SLOW,
  async () => {
    await using cli = await openInProcessCli();
    expect(await cli.json(0, 'org', 'import', ORGANISATIONS)).toMatchObject([
      { organisations: 24, new: 24, enablements: 32 },
    ]);
    expect(await cli.json(0, 'org', 'import', ORGANISATIONS)).toMatchObject([{ new: 0, changed: 24, enablements: 0 }]);
    const list = await cli.json<{ key: string; kind: string; states: Record<string, string> }>(0, 'org', 'list');
    const inState = (state: string) => list.filter(({ states }) => states['radiology'] === state);
    expect([inState('PRODUCTION').length, inState('PLANNED').length]).toEqual([8, 16]);
    expect(list.filter(({ kind }) => kind === 'private').map(({ key }) => key)).toEqual(['terveystalo']);
    expect(await cli.json(0, 'org', 'list', '--date', '2021-02-24')).toHaveLength(24);
    expect(await cli.json(0, 'org', 'show', 'hus', '--date', '2021-02-24')).toMatchObject([{ states: {} }]);
  },
);

test('an organisation is set, brought into production step by step, suspended and removed', SLOW, async () => {
  await using cli = await openInProcessCli();
  const set = (...args: string[]) => cli.run('org', 'set', 'north', ...args);
  expect((await set('--name', 'North')).code).toBe(2);
  expect((await set('--business-id', '9000001-2')).output).toContain('--business-id 9000001-2: write a business id');
  expect((await set('--business-id', '9000001-1', '--name', 'North', '--register-code', '3')).output).toContain(
    'register code 3: write one of 2 (public health care)',
  );
  const work = ['--register-code', '4', '--register-specifier', '9000001-1'];
  expect((await set('--business-id', '9000001-1', '--name', 'North', ...work)).code).toBe(2);
  expect((await set('--business-id', '9000001-1', '--name', 'North', '--egress-aet', 'NORTH')).code).toBe(0);
  expect(
    (await cli.run('org', 'set', 'south', '--business-id', '9000003-8', '--name', 'S', '--egress-aet', 'NORTH')).output,
  ).toContain('AE title NORTH is used for another controller');
  const enable = (state: string, ...args: string[]) =>
    cli.run('org', 'enable', 'north', '--content-type', 'radiology', '--state', state, ...args);
  expect(await enable('PRODUCTION')).toMatchObject({ code: 1, output: /begins with PLANNED/ });
  for (const state of ['PLANNED', 'TEST', 'COMMISSIONING'])
    expect((await enable(state, '--from', '2026-01-01')).code).toBe(0);
  expect(await enable('SUSPENDED')).toMatchObject({ code: 1, output: /goes to PRODUCTION or TEST/ });
  expect((await enable('PRODUCTION', '--from', '2025-12-31')).output).toContain('COMMISSIONING is from 2026-01-01');
  expect((await enable('PRODUCTION', '--from', '2026-02-01')).code).toBe(0);
  const shown = (day: string) => cli.json(0, 'org', 'show', 'north', '--date', day);
  expect(await shown('2026-01-31')).toMatchObject([{ states: { radiology: 'COMMISSIONING' } }]);
  expect(await shown('2026-02-01')).toMatchObject([
    { states: { radiology: 'PRODUCTION' }, enablements: { length: 4 } },
  ]);
  expect((await cli.run('org', 'enable', 'north', '--content-type', 'egc', '--state', 'PLANNED')).output).toContain(
    '--content-type egc: write one of ecg',
  );
  expect((await cli.run('org', 'remove', 'north')).code).toBe(0);
  expect(await cli.run('org', 'show', 'north')).toMatchObject({ code: 1, output: /not in the register/ });
});

test('a certification: what cannot be true is a configuration error, what ends is announced', SLOW, async () => {
  await using cli = await openInProcessCli();
  const add = (...args: string[]) =>
    cli.run('cert', 'add', 'R-1', '--system', 'PACS', '--system-version', '7', '--spec-version', '2.4.1', ...args);
  const ecgOnly = ['--class', 'A2', '--content-type', 'ecg', '--valid-to', '2099-12-31', '--joint-test'];
  expect(await add(...ecgOnly, '2021-08-31')).toMatchObject({
    code: 2,
    output: /ecg alone on 2021-08-31 is before 2021-09-01/,
  });
  expect(
    await add('--class', 'B', '--content-type', 'ecg', '--valid-to', '2099-12-31', '--joint-test', '2025-01-01'),
  ).toMatchObject({
    code: 2,
    output: /class B is not jointly tested/,
  });
  expect(await add(...ecgOnly, 'soon')).toMatchObject({ code: 2, output: /--joint-test soon: write a day/ });
  expect((await add(...ecgOnly, '2021-09-01')).code).toBe(0);
  const radiology = ['--class', 'A2', '--content-type', 'radiology,ecg', '--joint-test', '2020-01-01'];
  expect((await add(...radiology, '--valid-to', '2026-12-31')).code, 'changed under its id').toBe(0);
  expect(await cli.json(0, 'cert', 'list', '--date', '2026-12-30')).toMatchObject([{ state: 'valid', daysLeft: 1 }]);
  expect(await cli.json(0, 'cert', 'list', '--date', '2027-01-01')).toMatchObject([{ state: 'ended', daysLeft: -1 }]);
  expect(await cli.json(0, 'cert', 'show', 'R-1')).toMatchObject([{ contentTypes: ['radiology', 'ecg'] }]);
  const soon = new Date(Date.now() + 30 * 86_400_000).toISOString().slice(0, 10);
  await add(...radiology, '--valid-to', soon);
  expect(await cli.json(3, 'status')).toMatchObject([
    { warnings: [expect.stringContaining(`on ${soon}: kuva cert add`)] },
  ]);
  expect((await cli.run('cert', 'remove', 'R-1')).code).toBe(0);
  expect(await cli.run('cert', 'show', 'R-1')).toMatchObject({ code: 1, output: /kuva cert list/ });
});

test('code lists: imported, looked into, checked by day and modality', SLOW, async () => {
  await using cli = await openInProcessCli();
  const json = join(EXAMPLES, 'codes-radiology-fictitious.json');
  const csv = join(EXAMPLES, 'codes-ecg-fictitious.csv');
  expect(readFileSync(json, 'utf8')).toContain('FICTITIOUS');
  expect(await cli.json(0, 'codes', 'import', json, '--list', RADIOLOGY)).toMatchObject([{ added: 14, used: true }]);
  expect(await cli.json(0, 'codes', 'import', csv, '--list', ECG)).toMatchObject([{ added: 3 }]);
  expect(await cli.json(0, 'codes', 'import', csv, '--list', ECG)).toMatchObject([{ added: 0, unchanged: 3 }]);
  expect(await cli.json(0, 'codes', 'list')).toMatchObject([
    { entries: 0 },
    { entries: 0 },
    { entries: 14 },
    { entries: 3 },
  ]);
  expect(await cli.json(0, 'codes', 'list', '--list', RADIOLOGY, '--prefix', 'ZN')).toHaveLength(3);
  expect(await cli.json(0, 'codes', 'show', 'ZA1AD')).toMatchObject([
    { regionPrefix: 'ZA', modalities: ['CT', 'PT', 'OT'] },
  ]);
  const check = async (code: number, ...args: string[]) =>
    (await cli.json(code, 'codes', 'check', ...args))[0]?.['verdict'];
  expect(await check(0, 'ZA1AD', '--modality', 'CT')).toBe('valid');
  expect(await check(1, 'ZA1AD', '--modality', 'MR')).toBe('other-modality');
  expect(await check(0, 'ZA9AD', '--date', '2019-12-31')).toBe('valid');
  expect(await check(1, 'ZA9AD', '--date', '2020-01-01')).toBe('expired');
  expect(await check(1, 'ZA1AD', '--date', '31.12.2009')).toBe('not-yet');
  expect(await check(1, 'XX1XX')).toBe('unknown');
  writeFileSync(cli.file('bad.csv'), 'code;validFrom\nZA1AD;yesterday\n');
  expect(await cli.run('codes', 'import', cli.file('bad.csv'), '--list', RADIOLOGY)).toMatchObject({
    code: 2,
    output: /bad\.csv:2: validFrom is yesterday: write a day as 2026-01-31/,
  });
  expect(await cli.json(0, 'codes', 'import', csv, '--list', RADIOLOGY, '--replace')).toMatchObject([{ removed: 14 }]);
  expect(await cli.json(0, 'codes', 'remove', RADIOLOGY)).toEqual([{ removed: RADIOLOGY, codes: 3 }]);
});
