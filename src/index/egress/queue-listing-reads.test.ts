import { expect, test } from 'vitest';
import { openQueuedIndex } from '../test-support/queue-fixture.ts';

const HOUR = 3_600_000;

test('what waits is counted, and what goes before a study is known', async () => {
  const queue = openQueuedIndex();
  await queue.add('1.2.3', '1', 'Lahti');
  await queue.queueAll();
  queue.pass(HOUR);
  await queue.add('1.2.4', '1', 'Oulu');
  await queue.add('1.2.4', '2', 'Oulu');
  await queue.queueAll();
  const { index } = queue;
  const at = queue.now();
  expect(await index.read('queueShape', at, [HOUR + 1, 10 * HOUR])).toEqual([
    { destination: 'national', jobs: 2, byAge: [1, 1, 0] },
  ]);
  expect(await index.read('queueLoad', at, 0)).toMatchObject([
    { destination: 'national', backlog: { studies: 2, instances: 3, bytes: 3000 }, held: 0, overdue: 0 },
  ]);
  expect(await index.read('queueDeadlines', 'national', 5)).toMatchObject([
    { studyInstanceUid: '1.2.3', ahead: { studies: 1, instances: 1 } },
    { studyInstanceUid: '1.2.4', ahead: { studies: 2, instances: 3 } },
  ]);
  await index.write('queuePrioritise', '1.2.4', 0);
  expect(await index.read('queueDeadlines', 'national', 5)).toMatchObject([
    { studyInstanceUid: '1.2.3', ahead: { studies: 2, instances: 3 } },
    { studyInstanceUid: '1.2.4', ahead: { studies: 1, instances: 2 } },
  ]);
  expect(await index.read('queueOverdue', at + 48 * HOUR)).toEqual([{ destination: 'national', jobs: 2 }]);
  expect((await index.read('queueList', { limit: 1 })).map((job) => job.studyInstanceUid)).toEqual(['1.2.3']);
});
