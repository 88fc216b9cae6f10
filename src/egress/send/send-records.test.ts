import { expect, test } from 'vitest';
import { openQueuedIndex } from '../../index/test-support/queue-fixture.ts';
import { JobStore } from '../queue/job-store.ts';
import { SendRecords } from './send-records.ts';

const STUDY = '1.2.3';
const SENT = { to: 'SENT', code: 'SENT', reason: '' } as const;

/** A study of so many instances that is being sent, and all of whose answers have been taken down. */
async function answered(count: number) {
  const queue = openQueuedIndex();
  const store = new JobStore(queue.index, queue.now);
  for (let n = 1; n <= count; n++) await queue.add(STUDY, String(n));
  await queue.queueAll();
  const [queued] = await queue.jobs(STUDY);
  const job = await store.move(queued!, { to: 'SENDING', code: 'START', reason: '' });
  const records = new SendRecords(store, job);
  const instances = await store.instances(job);
  for (const instance of instances)
    records.add(instance, { state: 'SENT', sentAt: queue.now(), status: 0, errorComment: '' });
  const states = async () => (await store.instances(job)).map(({ state }) => state);
  return { store, job, records, states };
}

test.each([3, 64, 150])('the move of %i instances writes the answers that prove it', async (count) => {
  const { records, states } = await answered(count);
  expect(await records.move(SENT)).toMatchObject({ state: 'SENT' });
  expect(await states()).toEqual(Array(count).fill('SENT'));
});

test('what was sent is written down though somebody else has moved the job first', async () => {
  const { store, job, records, states } = await answered(3);
  await store.move(job, { to: 'HELD', code: 'OPERATOR', reason: '' });
  await expect(records.move(SENT)).rejects.toMatchObject({ code: 'QUEUE_MOVE_REFUSED' });
  expect(await states()).toEqual(['SENT', 'SENT', 'SENT']);
  expect(await store.job(job.id)).toMatchObject({ state: 'HELD' });
});

test('a job does not say that it is sent before its instances do', async () => {
  const { store, job, records, states } = await answered(3);
  await expect(store.move(job, SENT)).rejects.toMatchObject({ code: 'QUEUE_MOVE_REFUSED' });
  await records.flush();
  expect(await states()).toEqual(['SENT', 'SENT', 'SENT']);
  expect(await records.move(SENT)).toMatchObject({ state: 'SENT' });
});
