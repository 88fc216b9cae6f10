import { readFileSync, readdirSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test, vi } from 'vitest';
import { readPart10 } from '../support/part10.ts';
import { RunningProcess } from '../support/run-process.ts';
import { waitFor } from '../support/wait-for.ts';
import { KUVA, dataSet, openCli, writeInstances } from './kuva.ts';
import type { Cli } from './kuva.ts';

const INSTANCES = [
  { study: '1.2.1', sop: '1.2.1.1.1' },
  { study: '1.2.1', sop: '1.2.1.1.2' },
  { study: '1.2.2', sop: '1.2.2.1.1', patientId: 'PID-2' },
] as const;

function objectsOf(cli: Cli): string[] {
  return readdirSync(join(cli.storage, 'objects'), { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.dcm'))
    .map((name) => join(cli.storage, 'objects', name));
}

test('import, list, export, verify: the data sets come back bit for bit', async () => {
  await using cli = await openCli();
  const folder = cli.file('in');
  writeInstances(folder, INSTANCES);
  writeFileSync(join(folder, 'letter.txt'), 'Dear colleague');

  const first = await cli.run('import', folder, '--json');
  expect(first.code).toBe(0);
  expect(JSON.parse(first.stdout)).toMatchObject({
    files: 4,
    new: 3,
    duplicate: 0,
    conflict: 0,
    refused: 0,
    notDicom: 1,
    skipped: 0,
  });
  expect(first.stderr).toContain('letter.txt: this is not a DICOM file');

  rmSync(join(folder, 'letter.txt'));
  expect((await cli.json(0, 'import', folder))[0]).toMatchObject({ files: 3, new: 0, skipped: 3 });
  // Without the journal every file is read again and found to be there.
  rmSync(join(cli.storage, 'imports'), { recursive: true });
  expect((await cli.json(0, 'import', folder))[0]).toMatchObject({ new: 0, duplicate: 3, skipped: 0 });

  const studies = await cli.json(0, 'studies', 'list');
  expect(
    studies.map((study) => [study['studyInstanceUid'], study['numberOfInstances'], study['patientName']]).toSorted(),
  ).toEqual([
    ['1.2.1', 2, 'Mäkelä^Äiti'],
    ['1.2.2', 1, 'Mäkelä^Äiti'],
  ]);
  expect(await cli.json(0, 'studies', 'list', '--patient-id', 'PID-2')).toHaveLength(1);
  expect((await cli.json(0, 'studies', 'show', '1.2.1'))[0]).toMatchObject({
    series: [{ seriesInstanceUid: '1.2.1.1', modality: 'CT', numberOfInstances: 2 }],
  });
  expect((await cli.run('studies', 'show', '9.9')).code).toBe(1);
  expect((await cli.json(0, 'stats'))[0]).toMatchObject({ modality: 'CT', studies: 2, instances: 3 });

  const out = cli.file('out');
  expect((await cli.json(0, 'export', '1.2.1', out))[0]).toMatchObject({ written: 2, there: 0 });
  expect((await cli.json(0, 'export', '1.2.1', out))[0]).toMatchObject({ written: 0, there: 2 });
  expect(readPart10(join(out, '1.2.1.1', '1.2.1.1.2.dcm')).dataSet).toEqual(dataSet(INSTANCES[1]));
  expect((await cli.run('export', '9.9', out)).code).toBe(1);

  expect((await cli.json(0, 'verify'))[0]).toMatchObject({ objects: 3, damaged: 0, unindexed: 0 });
});

test('verify finds what is torn, changed, missing and unindexed', async () => {
  await using cli = await openCli();
  writeInstances(cli.file('in'), INSTANCES);
  await cli.json(0, 'import', cli.file('in'));
  const [torn = '', changed = '', missing = ''] = objectsOf(cli);
  truncateSync(torn, 100);
  const bytes = readFileSync(changed);
  bytes[bytes.length - 1] = 0x41;
  rmSync(changed);
  writeFileSync(changed, bytes);
  rmSync(missing);
  const stray = join(missing, '..', `${'0'.repeat(64)}.dcm`);
  writeFileSync(stray, 'stray');

  const { code, stdout, stderr } = await cli.run('verify', '--json');
  expect(code).toBe(1);
  const report = JSON.parse(stdout) as { damaged: number; unindexed: number; damages: { code: string }[] };
  expect(report).toMatchObject({ objects: 3, damaged: 3, unindexed: 1 });
  expect(report.damages.map((damage) => damage.code).toSorted()).toEqual([
    'OBJECT_CORRUPT',
    'OBJECT_CORRUPT',
    'OBJECT_MISSING',
    'OBJECT_UNINDEXED',
  ]);
  expect(stderr).toContain('3 of 3 objects are damaged or missing');
});

test('an export never gives a damaged copy the name of a whole one', async () => {
  await using cli = await openCli();
  writeInstances(cli.file('in'), [INSTANCES[0]]);
  await cli.json(0, 'import', cli.file('in'));
  const [object = ''] = objectsOf(cli);
  const bytes = readFileSync(object);
  bytes[bytes.length - 1] = 0x41;
  rmSync(object);
  writeFileSync(object, bytes);
  const { code, stderr } = await cli.run('export', '1.2.1', cli.file('out'));
  expect(code).toBe(1);
  expect(stderr).toContain('is damaged: see kuva verify');
  expect(readdirSync(join(cli.file('out'), '1.2.1.1'))).toEqual([]);
});

test('other bytes under one UID are a conflict; reindex rebuilds the same from the tree alone and keeps the register', async () => {
  await using cli = await openCli();
  await cli.json(0, 'ae', 'add', 'CT1', '--host', '127.0.0.1');
  writeInstances(cli.file('in'), INSTANCES);
  await cli.json(0, 'import', cli.file('in'));
  writeInstances(cli.file('again'), [{ ...INSTANCES[0], comment: 'second' }]);
  expect((await cli.json(0, 'import', cli.file('again')))[0]).toMatchObject({ conflict: 1 });
  const [before] = await cli.json<{ served: { sha256: string }; sha256: string }>(0, 'conflicts', 'list');
  const studies = (await cli.json(0, 'studies', 'list'))
    .map((study) => [study['studyInstanceUid'], study['numberOfInstances'], study['bytes']])
    .toSorted();

  const [shown] = await cli.json<{ conflictId: number; path: string; served: { path: string } }>(
    0,
    'conflicts',
    'show',
    INSTANCES[0].sop,
  );
  expect(shown).toMatchObject({ sopInstanceUid: INSTANCES[0].sop, sha256: before?.sha256 });
  expect(readFileSync(shown?.path ?? '').includes('second')).toBe(true);
  expect(readFileSync(shown?.served.path ?? '').includes('first')).toBe(true);
  expect(await cli.json(0, 'conflicts', 'show', String(shown?.conflictId))).toEqual([shown]);
  for (const none of ['999', '9.9'])
    expect(await cli.run('conflicts', 'show', none)).toMatchObject({ code: 1, stdout: '' });

  expect(await cli.json(0, 'reindex')).toEqual([
    {
      indexed: 3,
      conflicts: 1,
      damaged: 0,
      unreadable: 0,
      evicted: 0,
      unknownStudies: 0,
      documents: { registered: 0, left: 0 },
    },
  ]);
  const [after] = await cli.json<{ served: { sha256: string }; sha256: string }>(0, 'conflicts', 'list');
  expect([after?.sha256, after?.served.sha256]).toEqual([before?.sha256, before?.served.sha256]);
  expect(
    (await cli.json(0, 'studies', 'list'))
      .map((study) => [study['studyInstanceUid'], study['numberOfInstances'], study['bytes']])
      .toSorted(),
  ).toEqual(studies);
  expect(await cli.json(0, 'ae', 'list')).toHaveLength(1);

  // A database that cannot be opened is put aside.
  writeFileSync(join(cli.storage, 'kuva.sqlite'), 'this is no database, and far from it'.repeat(200));
  expect((await cli.run('stats')).code).toBe(1);
  expect((await cli.json(0, 'reindex', '--fresh'))[0]).toMatchObject({ indexed: 3, conflicts: 1 });
  expect((await cli.json(0, 'verify'))[0]).toMatchObject({ objects: 4, damaged: 0 });
});

test('a reindex that was cut short is noticed by import and start', async () => {
  await using cli = await openCli();
  writeInstances(cli.file('in'), INSTANCES);
  await cli.json(0, 'import', cli.file('in'));
  writeFileSync(join(cli.storage, 'reindex.unfinished'), '');
  for (const args of [
    ['import', cli.file('in')],
    ['start', '--port', '0', '--http-port', '0'],
  ]) {
    const { code, stderr } = await cli.run(...args);
    expect(code).toBe(1);
    expect(stderr).toContain('run kuva reindex');
  }
  await cli.json(0, 'reindex');
  expect((await cli.json(0, 'import', cli.file('in')))[0]).toMatchObject({ skipped: 3 });
});

test('an import that was interrupted is no success, and the same command goes on', async () => {
  await using cli = await openCli();
  const folder = cli.file('in');
  const total = 600;
  writeInstances(
    folder,
    Array.from({ length: total }, (_, i) => ({ study: '1.2.1', sop: `1.2.1.1.${i + 1}` })),
  );
  // Told while the others still wait.
  writeFileSync(join(folder, '0.a.txt'), 'Dear colleague');
  await using running = new RunningProcess(KUVA, ['import', folder, '--parallel', '1', '--json'], {
    env: { KUVA_STORAGE__ROOT: cli.storage, KUVA_STORAGE__RESERVE_BYTES: '0' },
  });
  await waitFor('the first file', () => running.output().includes('not a DICOM file'));
  running.child.kill('SIGINT');
  expect((await running.exited).code).toBe(1);
  expect(running.output()).toContain('interrupted by SIGINT before the end: give the same command again');

  const [rest] = await cli.json<{ new: number; skipped: number }>(0, 'import', folder);
  expect(rest?.new).toBeGreaterThan(0);
  expect((rest?.new ?? 0) + (rest?.skipped ?? 0)).toBe(total);
});

// Each command is a process of its own; on a busy machine they take a while.
vi.setConfig({ testTimeout: 180_000 });

test('a path that does not exist', async () => {
  await using cli = await openCli();
  const { code, stderr } = await cli.run('import', 'nowhere');
  expect([code, stderr]).toEqual([1, 'kuva: nowhere cannot be read (ENOENT)\n']);
});
