import { expect, test } from 'vitest';
import { openIndex } from '../test-support/database-file.ts';

const entry = (code: string, validFrom: string, validTo = '', name = `Tutkimus ${code}`) => ({
  code,
  validFrom,
  validTo,
  name,
});

test('an import says what it changed; without replace, what it does not name stays', async () => {
  const index = await openIndex();
  const list = { oid: '1.2.3', name: 'List', source: 'a.json', importedAt: 5, replace: false };
  const first = [entry('ZA1AA', '20100101', '20191231'), entry('ZA1AA', '20200101'), entry('ZA1AD', '20100101')];
  expect(await index.write('codesImport', { ...list, entries: first })).toEqual({
    added: ['ZA1AA', 'ZA1AD'],
    changed: [],
    removed: [],
    unchanged: 0,
  });
  expect(
    await index.read('codesOfList', '1.2.3', { prefix: '', after: '', limit: 1 }),
    'a page has all periods of its codes',
  ).toHaveLength(2);
  const second = [entry('ZA1AA', '20100101'), entry('ZA1AG', '20100101')];
  expect(await index.write('codesImport', { ...list, entries: second })).toMatchObject({
    added: ['ZA1AG'],
    changed: ['ZA1AA'],
    removed: [],
  });
  expect(await index.read('codeEntries', ['ZA1AA', 'ZA1AA', 'ZA1AD', 'none'])).toEqual([
    { ...entry('ZA1AA', '20100101'), listOid: '1.2.3' },
    { ...entry('ZA1AD', '20100101'), listOid: '1.2.3' },
  ]);
  expect(await index.write('codesImport', { ...list, entries: second, replace: true })).toEqual({
    added: [],
    changed: [],
    removed: ['ZA1AD'],
    unchanged: 2,
  });
  expect(await index.read('codeLists')).toEqual([
    { oid: '1.2.3', name: 'List', source: 'a.json', importedAt: 5, entries: 2 },
  ]);
  expect(await index.read('codesOfList', '1.2.3', { prefix: 'ZA', after: 'ZA1AA', limit: 10 })).toMatchObject([
    { code: 'ZA1AG' },
  ]);
  expect(await index.write('codeListRemove', '1.2.3')).toEqual(['ZA1AA', 'ZA1AG']);
  expect(await index.write('codeListRemove', '1.2.3')).toBeUndefined();
});

test('two periods of a code that begin on one day are refused, and nothing of the import is kept', async () => {
  const index = await openIndex();
  const entries = [entry('ZA1AG', '20100101'), entry('ZA1AA', '20100101'), entry('ZA1AA', '20100101', '20110101')];
  await expect(
    index.write('codesImport', { oid: '1.2.3', name: '', source: '', importedAt: 0, replace: false, entries }),
  ).rejects.toMatchObject({ code: 'INDEX_ROW_REJECTED' });
  expect(await index.read('codeLists')).toEqual([]);
});
