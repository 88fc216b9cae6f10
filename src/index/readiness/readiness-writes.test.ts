import { expect, test } from 'vitest';
import { openQueuedIndex } from '../test-support/queue-fixture.ts';

test('what lets no study pass any more takes back those that wait, and those that are being sent', async () => {
  const queue = openQueuedIndex();
  const { index, now } = queue;
  for (const study of ['1.2.3', '1.2.4', '1.2.5', '1.2.6']) await queue.add(study, '1');
  await queue.queueAll();
  const ids = await Promise.all(
    ['1.2.3', '1.2.4', '1.2.5', '1.2.6'].map(async (uid) => (await queue.jobs(uid))[0]!.id),
  );
  const [, waiting = 0, sending = 0, sent = 0] = ids;
  const step = { at: now(), actor: 'egress', code: 'X', reason: '' };
  for (const jobId of [waiting, sending, sent]) await index.write('queueStart', jobId, now(), 'egress');
  const retry = { to: 'RETRY_WAIT', resumeState: 'QUEUED' } as const;
  await index.write('queueMove', { ...step, jobId: waiting, from: 'SENDING', ...retry });
  queue.instancesAre(sent, 'SENT');
  await index.write('queueMove', { ...step, jobId: sent, from: 'SENDING', to: 'SENT' });

  const radiology = { kind: 'some', contentTypes: ['radiology'], controllers: [] } as const;
  expect(await index.write('readinessRecheckQueued', { ...radiology, contentTypes: ['ecg'] }, now(), 'cli:anna')).toBe(
    0,
  );
  expect(await index.write('readinessRecheckQueued', radiology, now(), 'cli:anna')).toBe(3);
  const jobs = await Promise.all(ids.map((id) => index.read('queueJob', id)));
  expect(jobs.map((job) => job?.state)).toEqual(['COMPLETE', 'COMPLETE', 'COMPLETE', 'SENT']);
  // Whether it has left is not written down yet.
  expect(await index.read('queueInstances', sending)).toMatchObject([{ state: 'PENDING', sends: 1 }]);
});
