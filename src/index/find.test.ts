import { expect, test } from 'vitest';
import type { IndexService } from './index-service.ts';
import { findQuery } from './matching/find-query.ts';
import type { FindKey, FindQuery } from './matching/find-query.ts';
import { requiredTag } from './matching/key-table.ts';
import { allOf, openIndex } from './test-support/database-file.ts';
import { newInstance } from './test-support/new-instance.ts';

const single = (keyword: string, value: string): FindKey => ({ tag: requiredTag(keyword), kind: 'single', value });
const wildcard = (keyword: string, value: string): FindKey => ({ tag: requiredTag(keyword), kind: 'wildcard', value });

function query(
  level: FindQuery['level'],
  keys: readonly FindKey[],
  returned: readonly string[],
  more: Partial<FindQuery> = {},
): FindQuery {
  return findQuery({ root: 'PATIENT', level, keys, returnKeys: returned.map(requiredTag), ...more });
}

async function values(index: IndexService, keyword: string, asked: FindQuery): Promise<unknown[]> {
  return (await allOf(index.find(asked))).map((row) => row[requiredTag(keyword)]);
}

async function manyStudies(index: IndexService, count: number): Promise<void> {
  const adds = Array.from({ length: count }, (_, at) =>
    index.addInstance(
      newInstance({ study: `1.2.${at + 1}`, sop: `1.2.${at + 1}.1.1`, attributes: { PatientID: `P${at}` } }),
    ),
  );
  await Promise.all(adds);
}

test('answers come in batches, none lost or twice', async () => {
  const index = await openIndex();
  await manyStudies(index, 500);
  const sizes: number[] = [];
  const seen = new Set<unknown>();
  for await (const rows of index.find(query('STUDY', [], ['StudyInstanceUID']))) {
    sizes.push(rows.length);
    for (const row of rows) seen.add(row[requiredTag('StudyInstanceUID')]);
  }
  expect(seen.size).toBe(500);
  // The first answers leave early, and no batch holds up its thread.
  expect(sizes).toEqual([16, 64, 256, 164]);
  expect(await index.countMatches(query('STUDY', [], []), 1000)).toBe(500);
  expect(await index.countMatches(query('STUDY', [], []), 100)).toBe(100);
  expect(await allOf(index.find(query('STUDY', [wildcard('PatientID', 'P*')], [], { limit: 7 })))).toHaveLength(7);
});

test('a cancel ends the answers within one batch, and the reader serves others', async () => {
  const index = await openIndex();
  await manyStudies(index, 500);
  const cancel = new AbortController();
  let batches = 0;
  for await (const rows of index.find(
    query('STUDY', [wildcard('PatientID', 'P*')], ['StudyInstanceUID']),
    cancel.signal,
  )) {
    expect(rows.length).toBeGreaterThan(0);
    batches += 1;
    cancel.abort();
  }
  expect(batches).toBe(1);
  expect(await allOf(index.find(query('STUDY', [single('PatientID', 'P7')], [])))).toHaveLength(1);
  expect(await allOf(index.find(query('STUDY', [], []), AbortSignal.abort()))).toEqual([]);
});

test('leaving the loop early frees the cursor', async () => {
  const index = await openIndex();
  await manyStudies(index, 200);
  for (let round = 0; round < 50; round += 1) {
    for await (const _rows of index.find(query('STUDY', [], ['StudyInstanceUID']))) break;
  }
  await index.addInstance(newInstance({ study: '1.3', sop: '1.3.1.1' }));
  expect(await index.countMatches(query('STUDY', [], []), 1000)).toBe(201);
});

test('fuzzy: words of a name in any order, each by its beginning', async () => {
  const index = await openIndex();
  await index.addInstance(newInstance({ sop: '1.1', attributes: { PatientName: 'Mäkinen-Öberg^Anna Maria' } }));
  const hits = (value: string): Promise<unknown[]> =>
    values(index, 'PatientID', query('PATIENT', [single('PatientName', value)], ['PatientID'], { fuzzy: true }));
  for (const value of ['maria makinen', 'ann', 'Oberg^Anna', 'MÄK']) expect(await hits(value)).toHaveLength(1);
  expect(await hits('akinen')).toHaveLength(0);
});

test('wildcard characters of SQL are plain text', async () => {
  const index = await openIndex();
  await index.addInstance(newInstance({ sop: '1.1', attributes: { StudyDescription: '100%_\\x' } }));
  const hits = (value: string): Promise<unknown[]> =>
    values(index, 'PatientID', query('STUDY', [wildcard('StudyDescription', value)], ['PatientID']));
  expect(await hits('100%*')).toHaveLength(1);
  expect(await hits('1%*')).toHaveLength(0);
  expect(await hits('100%?\\?')).toHaveLength(1);
  expect(await hits('_00*')).toHaveLength(0);
});
