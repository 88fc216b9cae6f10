import { expect, test } from 'vitest';
import { databaseFile, openIndex } from '../test-support/database-file.ts';
import { newInstance } from '../test-support/new-instance.ts';

test('what a reindex finds and the database did not know waits for an administrator, also when it was interrupted', async () => {
  const index = await openIndex(databaseFile());
  const add = (study: string) => index.addInstance(newInstance({ study, sop: `${study}.1.1` }));
  const isRebuilt = async (study: string) => (await index.read('studyFacts', study))?.isRebuilt;
  await add('1.2.1');
  await index.write('studyCopyPut', {
    studyInstanceUid: '1.2.3',
    source: 'national',
    fetchedAt: 1,
    expiresAt: 2,
    fetchedFor: '',
  });
  await index.write('rebuildBegin', 1);
  await index.clearIndex();
  // The first try found one and was killed: what it found is not what was known before.
  await add('1.2.2');
  await index.write('rebuildBegin', 2);
  await index.clearIndex();
  for (const study of ['1.2.1', '1.2.2', '1.2.3', '1.2.4']) await add(study);
  expect(await index.write('rebuildEnd', 3)).toBe(2);
  expect(await Promise.all(['1.2.1', '1.2.2', '1.2.3', '1.2.4'].map(isRebuilt))).toEqual([false, true, false, true]);

  // It goes on waiting after the next one.
  await index.write('rebuildBegin', 4);
  expect(await index.write('rebuildEnd', 5)).toBe(2);
  expect(await index.write('rebuiltConfirm', '1.2.2')).toBe(1);
  expect(await index.write('rebuiltConfirm', '1.2.2')).toBe(0);
  expect(await Promise.all(['1.2.2', '1.2.4'].map(isRebuilt))).toEqual([false, true]);
  expect(await index.write('rebuiltConfirm', null)).toBe(1);
});
