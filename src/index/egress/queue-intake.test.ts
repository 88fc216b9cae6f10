import { expect, test } from 'vitest';
import { newInstance } from '../test-support/new-instance.ts';
import { openQueuedIndex } from '../test-support/queue-fixture.ts';
import type { QueueJob } from './egress-types.ts';
import type { JobState } from './job-state-table.ts';

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

type Queue = ReturnType<typeof openQueuedIndex>;

async function only(queue: Queue, study: string): Promise<QueueJob> {
  const [job, ...others] = await queue.jobs(study);
  if (job === undefined || others.length > 0) throw new Error(`${others.length + 1} jobs`);
  return job;
}

/** Moves a job along the given states, its instances with it. */
async function walk(queue: Queue, job: QueueJob, ...states: JobState[]): Promise<QueueJob> {
  let at = job;
  for (const to of states) {
    const step = { jobId: at.id, from: at.state, to, at: queue.now(), actor: 'egress', code: 'TEST', reason: '' };
    if (to === 'SENT' || to === 'COMMITTED') queue.instancesAre(at.id, to);
    at = await queue.index.write('queueMove', step);
  }
  return at;
}

test('a study is received until it has been quiet for the whole time', async () => {
  const queue = openQueuedIndex();
  await queue.add('1.2.3', '1', 'Lahti');
  expect(await queue.open()).toBe(1);
  const received = queue.now();
  expect(await only(queue, '1.2.3')).toMatchObject({
    state: 'RECEIVING',
    version: 1,
    source: 'Lahti',
    priority: 1,
    deadlineAt: received + 24 * HOUR,
  });
  queue.pass(HOUR / 2);
  await queue.add('1.2.3', '2', 'Lahti');
  queue.pass(HOUR / 2);
  expect(await queue.complete()).toBe(0);
  expect(await queue.index.read('queueNextDue', HOUR)).toBe(queue.now() + HOUR / 2);
  queue.pass(HOUR / 2);
  expect(await queue.complete()).toBe(1);
  expect(await only(queue, '1.2.3')).toMatchObject({ state: 'COMPLETE' });
});

test('its examination entry can say sooner that it is complete', async () => {
  const queue = openQueuedIndex();
  await queue.add('1.2.3', '1');
  await queue.open();
  expect(await queue.index.write('queueCompleteNow', '1.2.3', queue.now(), 'node', 'examination entry')).toBe(true);
  expect(await only(queue, '1.2.3')).toMatchObject({ state: 'COMPLETE', lastCode: 'SAID_COMPLETE' });
  expect(await queue.index.write('queueCompleteNow', '1.2.3', queue.now(), 'node', 'examination entry')).toBe(false);
});

test('what comes before anything is sent takes the job back, what comes later makes a version with only that', async () => {
  const queue = openQueuedIndex();
  await queue.add('1.2.3', '1');
  await queue.queueAll();
  await queue.add('1.2.3', '2');
  await queue.open();
  expect(await only(queue, '1.2.3')).toMatchObject({ state: 'RECEIVING', lastCode: 'NEW_OBJECTS' });
  await queue.queueAll();
  const first = await only(queue, '1.2.3');
  expect(first).toMatchObject({ state: 'QUEUED', instances: 2 });

  await walk(queue, first, 'SENDING');
  await queue.add('1.2.3', '3');
  await queue.queueAll();
  expect(await queue.jobs('1.2.3')).toMatchObject([
    { version: 1, state: 'SENDING', instances: 2 },
    { version: 2, state: 'QUEUED', instances: 1 },
  ]);
  const due = { destination: 'national', at: queue.now(), perSource: 5, without: [] };
  expect(await queue.index.read('queueDue', due), 'the second version waits for the first').toEqual([]);
  await walk(queue, { ...first, state: 'SENDING' }, 'SENT', 'COMMIT_PENDING', 'COMMITTED', 'MANIFEST_SENT', 'ARCHIVED');
  expect(await queue.index.read('queueDue', due)).toMatchObject([{ version: 2 }]);
});

test('an object that comes again after the study was archived makes no new version', async () => {
  const queue = openQueuedIndex();
  await queue.add('1.2.3', '1');
  await queue.queueAll();
  const job = await only(queue, '1.2.3');
  await walk(queue, job, 'SENDING', 'SENT', 'COMMIT_PENDING', 'COMMITTED', 'MANIFEST_SENT', 'ARCHIVED');
  expect(await queue.add('1.2.3', '1')).toMatchObject({ kind: 'duplicate' });
  await queue.index.clearIndex();
  expect(await queue.add('1.2.3', '1')).toMatchObject({ kind: 'new' });
  await queue.queueAll();
  expect(await only(queue, '1.2.3')).toMatchObject({ state: 'ARCHIVED' });
});

test('a held study is looked at again when a register that it waits for changes, or an object comes; not what an operator holds', async () => {
  const queue = openQueuedIndex();
  await queue.add('1.2.3', '1');
  await queue.open();
  queue.pass(HOUR);
  await queue.complete();
  const job = await only(queue, '1.2.3');
  const finding = {
    code: 'CODE_UNKNOWN',
    severity: 'error',
    cause: 'XX is no code',
    remedy: 'import it',
    subject: 'code:XX',
  } as const;
  const judgement = {
    jobId: job.id,
    at: queue.now(),
    actor: 'egress',
    controller: '',
    contentType: '',
    callingAet: 'KUVA',
    priority: 1,
  } as const;
  expect(await queue.index.write('queueJudge', { ...judgement, findings: [finding] })).toMatchObject({
    state: 'HELD',
    lastCode: 'CODE_UNKNOWN',
  });
  expect(await queue.index.read('queueFindings', job.id)).toEqual([finding]);
  expect(await queue.index.write('queueReevaluate', ['code:YY'], queue.now(), 'cli:anna')).toBe(0);
  expect(await queue.index.write('queueReevaluate', ['code:XX'], queue.now(), 'cli:anna')).toBe(1);
  expect(await only(queue, '1.2.3')).toMatchObject({ state: 'COMPLETE', lastCode: 'LOOK_AGAIN' });

  await queue.index.write('queueJudge', { ...judgement, findings: [] });
  const hold = {
    jobId: job.id,
    from: 'QUEUED',
    to: 'HELD',
    at: 1,
    actor: 'cli:anna',
    code: 'OPERATOR_HOLD',
    reason: 'asked by the ward',
  } as const;
  await queue.index.write('queueMove', hold);
  expect(await queue.index.write('queueReevaluate', ['*'], queue.now(), 'cli:anna')).toBe(0);
  await queue.add('1.2.3', '2');
  await queue.queueAll();
  expect(await only(queue, '1.2.3')).toMatchObject({ state: 'HELD', instances: 1 });
  await walk(queue, { ...job, state: 'HELD' }, 'COMPLETE');
  expect(await queue.index.write('queueJudge', { ...judgement, findings: [] })).toMatchObject({
    state: 'QUEUED',
    instances: 2,
  });
});

test('an object that comes after a released study has gone, within the quiet time of one that came before, is not forgotten', async () => {
  const queue = openQueuedIndex();
  await queue.add('1.2.3', '1');
  await queue.queueAll();
  const job = await only(queue, '1.2.3');
  const step = { jobId: job.id, at: queue.now(), actor: 'cli:anna', reason: '' };
  await queue.index.write('queueMove', { ...step, from: 'QUEUED', to: 'HELD', code: 'OPERATOR_HOLD' });
  await queue.add('1.2.3', '2');
  await queue.open();
  await queue.index.write('queueMove', { ...step, from: 'HELD', to: 'COMPLETE', code: 'RELEASED' });
  expect(await queue.index.write('queueJudge', { ...JUDGED, jobId: job.id, at: queue.now() })).toMatchObject({
    state: 'QUEUED',
    instances: 2,
  });
  await walk(queue, { ...job, state: 'QUEUED' }, 'SENDING');
  await queue.add('1.2.3', '3');
  await queue.queueAll();
  await queue.queueAll();
  expect(await queue.jobs('1.2.3')).toMatchObject([
    { version: 1, state: 'SENDING', instances: 2 },
    { version: 2, state: 'QUEUED', instances: 1 },
  ]);
});

test('nor one that comes before the examination entry says that the study is complete for another archive', async () => {
  const queue = openQueuedIndex();
  await queue.add('1.2.3', '1');
  await queue.queueAll();
  await walk(queue, await only(queue, '1.2.3'), 'SENDING');
  await queue.index.write('queueBackfill', 0, { destinations: ['second'], at: queue.now(), limit: 10 });
  await queue.add('1.2.3', '2');
  expect(await queue.index.write('queueCompleteNow', '1.2.3', queue.now(), 'node', '')).toBe(true);
  queue.pass(HOUR);
  await queue.complete();
  expect(await queue.jobs('1.2.3')).toMatchObject([
    { destination: 'national', version: 1, state: 'SENDING' },
    { destination: 'national', version: 2, state: 'RECEIVING' },
    { destination: 'second', version: 1, state: 'COMPLETE' },
  ]);
});

test('what came while a study was looked at goes with no judgement that has not seen it', async () => {
  const queue = openQueuedIndex();
  await queue.add('1.2.3', '1');
  await queue.open();
  queue.pass(HOUR);
  await queue.complete();
  const job = await only(queue, '1.2.3');
  await queue.add('1.2.3', '2');
  const judging = queue.index.write('queueJudge', { ...JUDGED, jobId: job.id, at: queue.now() });
  await expect(judging).rejects.toMatchObject({ code: 'QUEUE_MOVE_REFUSED' });
  expect(await only(queue, '1.2.3')).toMatchObject({ state: 'COMPLETE' });
  await queue.queueAll();
  expect(await only(queue, '1.2.3')).toMatchObject({ state: 'QUEUED', instances: 2 });
});

test('a study is looked at again when a note in another one rejects an object of it', async () => {
  const queue = openQueuedIndex();
  for (const sop of ['1', '2']) await queue.add('1.2.3', sop);
  await queue.queueAll();
  const references = [{ studyInstanceUid: '1.2.3', sopInstanceUid: '1.2.3.1.1' }];
  const rejects = { code: '113038', later: 'refuse', ownObjectsOnly: false, references } as const;
  await queue.index.addInstance({
    ...newInstance({ study: '1.2.9', sop: '1.2.9.1', receivedAt: queue.now() }),
    rejects,
  });
  await queue.open();
  expect(await only(queue, '1.2.3')).toMatchObject({ state: 'RECEIVING', lastCode: 'NEW_OBJECTS' });
  await queue.queueAll();
  expect(await only(queue, '1.2.3')).toMatchObject({ state: 'QUEUED', instances: 1 });
});

test('what was withdrawn unsent is carried by no later version', async () => {
  const queue = openQueuedIndex();
  await queue.add('1.2.3', '1');
  await queue.queueAll();
  await walk(queue, await only(queue, '1.2.3'), 'WITHDRAWN');
  await queue.add('1.2.3', '2');
  await queue.queueAll();
  const [, second] = await queue.jobs('1.2.3');
  expect(second).toMatchObject({ version: 2, state: 'QUEUED', instances: 1 });
  expect(await queue.index.read('queueInstances', second?.id ?? 0)).toMatchObject([{ sopInstanceUid: '1.2.3.1.2' }]);
});

test('studies from before the destination get a job, last in line; those that have one get no other', async () => {
  const queue = openQueuedIndex();
  await queue.add('1.2.3', '1');
  await queue.add('1.2.4', '1');
  await queue.queueAll();
  const opening = { destinations: ['national', 'second'], at: queue.now(), limit: 1 };
  expect(await queue.index.read('queueJobless', 0, 1, ['national'])).toEqual({ lacking: false, last: 1 });
  expect(await queue.index.read('queueJobless', 1, 1, ['second'])).toEqual({ lacking: true, last: 2 });
  expect(await queue.index.read('queueJobless', 2, 1, ['second'])).toEqual({ lacking: false, last: null });
  expect(await queue.index.write('queueBackfill', 0, opening)).toBe(1);
  expect(await queue.index.write('queueBackfill', 1, opening)).toBe(1);
  expect(await queue.jobs('1.2.4')).toMatchObject([
    { destination: 'national', state: 'QUEUED', priority: 1 },
    { destination: 'second', state: 'RECEIVING', priority: 2, deadlineAt: null },
  ]);
  expect(await queue.complete()).toBe(2);
  expect(await queue.index.write('queueBackfill', 0, opening)).toBe(0);
  expect((await queue.jobs('1.2.3')).length).toBe(2);
});

test('at a start what was being sent is queued again', async () => {
  const queue = openQueuedIndex();
  await queue.add('1.2.3', '1');
  await queue.queueAll();
  await walk(queue, await only(queue, '1.2.3'), 'SENDING');
  expect(await queue.index.write('queueRecover', queue.now())).toBe(1);
  expect(await only(queue, '1.2.3')).toMatchObject({ state: 'QUEUED', lastCode: 'RESTART' });
});

test('a copy from the archive gets no job, however it comes', async () => {
  const queue = openQueuedIndex();
  const copy = { studyInstanceUid: '1.2.3', source: 'national', fetchedAt: 1, expiresAt: 2, fetchedFor: '2.999.1' };
  await queue.index.write('studyCopyPut', copy);
  await queue.add('1.2.3', '1');
  await queue.add('1.2.4', '1');
  await queue.queueAll();
  expect(await queue.jobs('1.2.3')).toEqual([]);
  expect(await queue.jobs('1.2.4')).toHaveLength(1);
  await queue.index.write('queueBackfill', 0, { destinations: ['national'], at: queue.now(), limit: 10 });
  expect(await queue.jobs('1.2.3')).toEqual([]);
});
