import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { IndexService } from './index-service.ts';
import { findQuery } from './matching/find-query.ts';
import type { FindKey, FindRow, QueryLevel } from './matching/find-query.ts';
import { requiredTag } from './matching/key-table.ts';
import { newInstance } from './test-support/new-instance.ts';

let directory: string;
let index: IndexService;

beforeEach(async () => {
  directory = mkdtempSync(join(tmpdir(), 'kuva-index-'));
  index = await IndexService.open({ path: join(directory, 'kuva.sqlite'), readers: 2 });
});

afterEach(async () => {
  await index.close();
  rmSync(directory, { recursive: true });
});

async function all<Row>(batches: AsyncIterable<Row[]>): Promise<Row[]> {
  const rows: Row[] = [];
  for await (const batch of batches) rows.push(...batch);
  return rows;
}

function find(level: QueryLevel, keys: readonly FindKey[], ...returned: string[]): Promise<FindRow[]> {
  return all(index.find(findQuery({ root: 'STUDY', level, keys, returnKeys: returned.map(requiredTag) })));
}

const single = (keyword: string, value: string): FindKey => ({ tag: requiredTag(keyword), kind: 'single', value });

test('what was added is found at every level', async () => {
  expect(await index.addInstance(newInstance({ sop: '1.2.3.1.1' }))).toEqual({ kind: 'new', instanceId: 1 });
  const [study, ...more] = await find(
    'STUDY',
    [single('StudyInstanceUID', '1.2.3')],
    'PatientName',
    'ModalitiesInStudy',
    'NumberOfStudyRelatedInstances',
  );
  expect(more).toEqual([]);
  expect(study).toEqual({
    [requiredTag('QueryRetrieveLevel')]: 'STUDY',
    [requiredTag('SpecificCharacterSet')]: 'ISO_IR 192',
    [requiredTag('PatientName')]: 'Testihenkilö^Åke',
    [requiredTag('ModalitiesInStudy')]: 'CT',
    [requiredTag('NumberOfStudyRelatedInstances')]: '1',
    [requiredTag('InstanceAvailability')]: 'ONLINE',
  });
  const [instance] = await find(
    'IMAGE',
    [single('SOPInstanceUID', '1.2.3.1.1')],
    'SOPInstanceUID',
    'SeriesInstanceUID',
    'StudyInstanceUID',
    'SOPClassUID',
  );
  expect(instance?.[requiredTag('SOPInstanceUID')]).toBe('1.2.3.1.1');
  expect(instance?.[requiredTag('SeriesInstanceUID')]).toBe('1.2.3.1');
  const [ref] = await all(index.selectInstances({ level: 'STUDY', studyUids: ['1.2.3'] }));
  expect(ref).toMatchObject({
    instanceId: 1,
    sopInstanceUid: '1.2.3.1.1',
    studyInstanceUid: '1.2.3',
    seriesInstanceUid: '1.2.3.1',
    size: 1000,
  });
});

test('names are found without case and accents, by any beginning', async () => {
  await index.addInstance(newInstance({ sop: '1.2.3.1.1' }));
  for (const value of ['testihenkilo^ake', 'TESTIHENKILÖ^ÅKE', 'Testihenkilo\u0308^A\u030ake']) {
    expect(await find('STUDY', [single('PatientName', value)], 'StudyInstanceUID')).toHaveLength(1);
  }
  expect(
    await find(
      'STUDY',
      [{ tag: requiredTag('PatientName'), kind: 'wildcard', value: 'testihenkil*' }],
      'StudyInstanceUID',
    ),
  ).toHaveLength(1);
  expect(await find('STUDY', [single('PatientName', 'Testihenkil')], 'StudyInstanceUID')).toHaveLength(0);
});

test('what is asked for while a change is being committed shares the next commit', async () => {
  const batches: number[] = [];
  await using other = await IndexService.open({
    path: join(directory, 'other.sqlite'),
    readers: 1,
    onBatch: ({ rows }) => batches.push(rows),
  });
  const added: Promise<unknown>[] = [];
  for (const sop of ['1.2.3.1.1', '1.2.3.1.2', '1.2.3.1.3', '1.2.3.1.4']) {
    added.push(other.addInstance(newInstance({ sop })));
    // Past the moment at which a change that comes alone is sent.
    await Promise.resolve();
    await Promise.resolve();
  }
  await Promise.all(added);
  expect(batches).toEqual([1, 3]);
});
