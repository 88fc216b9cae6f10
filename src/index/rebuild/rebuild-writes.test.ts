import { expect, test } from 'vitest';
import { databaseFile, openIndex } from '../test-support/database-file.ts';
import { newInstance } from '../test-support/new-instance.ts';

test('who sent an object is remembered while a reindex is at work, also when it was interrupted', async () => {
  const index = await openIndex(databaseFile());
  const first = newInstance({ sop: '1.2.3.1.1', bytes: 'first', callingAET: 'CT7', organisation: 'north' });
  const other = newInstance({ sop: '1.2.3.1.1', bytes: 'other', callingAET: 'CT8' });
  await index.addInstance(first);
  await index.addInstance(other);
  const senders = () => Promise.all([first, other].map(({ sha256 }) => index.read('rebuildSender', sha256)));
  expect(await senders()).toEqual([undefined, undefined]);
  for (const at of [1, 2]) {
    await index.write('rebuildBegin', at);
    await index.clearIndex();
    await index.addInstance({ ...first, callingAET: 'REINDEX', organisation: null });
    expect(await senders()).toEqual([
      { callingAET: 'CT7', organisation: 'north' },
      { callingAET: 'CT8', organisation: null },
    ]);
  }
  await index.write('rebuildEnd', 3);
  expect(await senders()).toEqual([undefined, undefined]);
});

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
