import { expect, test } from 'vitest';
import { openIndex } from '../index/test-support/database-file.ts';
import { newInstance } from '../index/test-support/new-instance.ts';
import { expireCopies } from './expire-copies.ts';

const copy = (studyInstanceUid: string, expiresAt: number) => ({
  studyInstanceUid,
  source: 'national',
  fetchedAt: 1,
  expiresAt,
  fetchedFor: '2.999.1',
});

test('a copy goes with its files when its time is over; what is ours can never become one', async () => {
  const index = await openIndex();
  const removed: string[] = [];
  const objects = { remove: async (sha256: string) => removed.push(sha256) > 0 };
  const signal = new AbortController().signal;
  expect(await index.write('studyCopyPut', copy('1.2.3', 1000))).toBe(true);
  expect(await index.write('studyCopyPut', copy('1.2.4', 2000))).toBe(true);
  const instances = ['1.2.3.1', '1.2.3.2', '1.2.4.1', '1.2.5.1'].map((sop) =>
    newInstance({ sop, study: sop.slice(0, 5) }),
  );
  for (const instance of instances) await index.addInstance(instance);
  expect(await index.write('studyCopyPut', copy('1.2.5', 1))).toBe(false);
  expect(await index.write('studyCopyRemove', '1.2.3')).toBe(false);

  expect(await expireCopies(index, objects, 999, signal)).toBe(0);
  expect(await expireCopies(index, objects, 1000, signal)).toBe(1);
  expect(removed.toSorted()).toEqual([instances[0]!.sha256, instances[1]!.sha256].toSorted());
  expect((await index.listStudies({ limit: 9 })).map(({ studyInstanceUid }) => studyInstanceUid)).toEqual([
    '1.2.5',
    '1.2.4',
  ]);
  expect(await index.read('studyCopies', 9)).toMatchObject([{ studyInstanceUid: '1.2.4' }]);
  // Fetched again in time, it stays longer.
  await index.write('studyCopyPut', copy('1.2.4', 3000));
  expect(await expireCopies(index, objects, 2500, signal)).toBe(0);
});
