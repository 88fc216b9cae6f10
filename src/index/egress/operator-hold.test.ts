import { expect, test } from 'vitest';
import { openQueuedIndex } from '../test-support/queue-fixture.ts';
import type { QueueJob } from './egress-types.ts';

const HOUR = 3_600_000;
/** Nothing is against the study. */
const JUDGED = {
  actor: 'egress',
  findings: [],
  controller: '',
  contentType: '',
  callingAet: 'KUVA',
  priority: 1,
} as const;

async function only(queue: ReturnType<typeof openQueuedIndex>, study: string): Promise<QueueJob> {
  const [job] = await queue.jobs(study);
  if (job === undefined) throw new Error(`no job for ${study}`);
  return job;
}

test('what an operator holds stays held when a register changes that a warning was about', async () => {
  const queue = openQueuedIndex();
  await queue.add('1.2.3', '1');
  await queue.open();
  queue.pass(HOUR);
  await queue.complete();
  const { id: jobId } = await only(queue, '1.2.3');
  const warning = { code: 'X', severity: 'warning', cause: '', remedy: '', subject: 'code:XX' } as const;
  await queue.index.write('queueJudge', { ...JUDGED, jobId, at: queue.now(), findings: [warning] });
  const hold = { jobId, from: 'QUEUED', to: 'HELD', at: queue.now(), actor: 'cli:anna', reason: '' } as const;
  await queue.index.write('queueMove', { ...hold, code: 'OPERATOR_HOLD' });
  expect(await queue.index.write('queueReevaluate', ['code:XX'], queue.now(), 'cli:anna')).toBe(0);
  expect(await only(queue, '1.2.3')).toMatchObject({ state: 'HELD' });
});

test('an operator can hold what is being received, and what is held for another reason: no register change lets it go', async () => {
  const queue = openQueuedIndex();
  for (const study of ['1.2.3', '1.2.4']) await queue.add(study, '1');
  await queue.open();
  const hold = { to: 'HELD', at: queue.now(), actor: 'cli:anna', code: 'OPERATOR_HOLD', reason: 'asked' } as const;
  const receiving = await only(queue, '1.2.4');
  await queue.index.write('queueMove', { ...hold, jobId: receiving.id, from: 'RECEIVING' });
  queue.pass(HOUR);
  await queue.complete();
  const judged = await only(queue, '1.2.3');
  const finding = { code: 'X', severity: 'error', cause: '', remedy: '', subject: 'code:XX' } as const;
  await queue.index.write('queueJudge', { ...JUDGED, jobId: judged.id, at: queue.now(), findings: [finding] });
  await queue.index.write('queueMove', { ...hold, jobId: judged.id, from: 'HELD' });
  expect(await queue.index.write('queueReevaluate', ['*'], queue.now(), 'cli:anna')).toBe(0);
  await queue.add('1.2.4', '2');
  await queue.queueAll();
  expect(await only(queue, '1.2.4')).toMatchObject({ state: 'HELD', lastCode: 'OPERATOR_HOLD' });
  const release = { to: 'COMPLETE', at: queue.now(), actor: 'cli:anna', code: 'RELEASED', reason: '' } as const;
  await queue.index.write('queueMove', { ...release, jobId: receiving.id, from: 'HELD' });
  await queue.queueAll();
  expect(await only(queue, '1.2.4')).toMatchObject({ state: 'QUEUED', instances: 2 });
});
