import { expect, test } from 'vitest';
import { openQueuedIndex } from '../index/test-support/queue-fixture.ts';
import { drainOutbox } from './drain-outbox.ts';
import type { OutboxIndex } from './drain-outbox.ts';

const RULES = { required: [], codePrefix: 5 };

test('a study that waits to be sent is judged again when its documents change: one of them may have been taken back', async () => {
  const queue = openQueuedIndex();
  for (const study of ['1.2.3', '1.2.4', '1.2.5']) await queue.add(study, '1');
  await queue.queueAll();
  const [waiting] = await queue.jobs('1.2.4');
  const step = { jobId: waiting?.id ?? 0, at: queue.now(), actor: 'egress', code: 'A700', reason: '' };
  await queue.index.write('queueStart', step.jobId, step.at, 'egress');
  await queue.index.write('queueMove', { ...step, from: 'SENDING', to: 'RETRY_WAIT', resumeState: 'QUEUED' });
  queue.db.exec(
    "INSERT INTO document_outbox SELECT study_instance_uid FROM study WHERE study_instance_uid <> x'1B2B5F'",
  );
  expect(await drainOutbox(queue.index as OutboxIndex, RULES, queue.now())).toBe(2);
  const states = await Promise.all(['1.2.3', '1.2.4', '1.2.5'].map(async (uid) => (await queue.jobs(uid))[0]?.state));
  expect(states).toEqual(['COMPLETE', 'COMPLETE', 'QUEUED']);
});
