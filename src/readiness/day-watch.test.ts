import { expect, test } from 'vitest';
import { DEFAULT_PROFILE, shippedFile } from '../config/shipped-files.ts';
import { openQueuedIndex } from '../index/test-support/queue-fixture.ts';
import { loadProfile } from '../profile/load-profile.ts';
import { DayWatch } from './day-watch.ts';
import { CERTIFICATION } from './test-support/good-study.ts';

const PROFILE = loadProfile(shippedFile(DEFAULT_PROFILE));
const FINDING = {
  code: 'NOT_CERTIFIED',
  severity: 'error',
  cause: 'x',
  remedy: 'y',
  subject: 'cert:radiology',
} as const;

/** One study QUEUED and one HELD since no system was certified, and a watch over them. */
async function queueWithStudies() {
  const queue = openQueuedIndex();
  await queue.add('1.2.3', '1');
  await queue.queueAll();
  await queue.add('1.2.4', '1');
  await queue.open();
  queue.pass(3_600_000);
  await queue.complete();
  for (const job of await queue.index.read('queueToJudge', 10)) {
    const judgement = { jobId: job.id, at: queue.now(), actor: 'egress', priority: job.priority, callingAet: 'KUVA' };
    await queue.index.write('queueJudge', {
      ...judgement,
      findings: [FINDING],
      controller: '',
      contentType: 'radiology',
    });
  }
  const days: string[] = [];
  const watch = (profileDigest = 'a') =>
    new DayWatch({
      index: queue.index,
      profile: PROFILE,
      profileDigest,
      now: queue.now,
      onDay: async (day) => void days.push(day),
      onLookedAgain: () => undefined,
      onError: (error) => expect.fail(String(error)),
    });
  const states = async () => [(await queue.jobs('1.2.3'))[0]?.state, (await queue.jobs('1.2.4'))[0]?.state];
  return { queue, days, watch, states };
}

test('a certification that ended at midnight has its studies looked at again, queued and held', async () => {
  const { queue, days, watch, states } = await queueWithStudies();
  await queue.index.write('certificationPut', { ...CERTIFICATION, validTo: '20261123' });
  const one = watch();
  await one.look();
  expect([await states(), days]).toEqual([['QUEUED', 'HELD'], ['20261122']]);
  queue.pass(Date.UTC(2026, 10, 23, 21, 59, 59) - queue.now());
  await one.look();
  expect(await states()).toEqual(['QUEUED', 'HELD']);
  queue.pass(1000);
  await one.look();
  expect(await states()).toEqual(['COMPLETE', 'COMPLETE']);
  expect(days).toEqual(['20261122', '20261123', '20261124']);
});

test('a midnight while the process did not run is made up for; a day without a change moves nothing', async () => {
  const { queue, watch, states } = await queueWithStudies();
  await queue.index.write('certificationPut', { ...CERTIFICATION, validFrom: '20261130' });
  await watch().look();
  queue.pass(5 * 86_400_000);
  await watch().look();
  expect(await states()).toEqual(['QUEUED', 'HELD']);
  queue.pass(20 * 86_400_000);
  await watch().look();
  expect(await states()).toEqual(['COMPLETE', 'COMPLETE']);
});

test('another profile has everything looked at again, once', async () => {
  const { queue, watch, states } = await queueWithStudies();
  await watch('a').look();
  await watch('b').look();
  expect(await states()).toEqual(['COMPLETE', 'COMPLETE']);
  const transitions = (await queue.index.read('queueHistory', '1.2.3')).length;
  await watch('b').look();
  expect(await queue.index.read('queueHistory', '1.2.3')).toHaveLength(transitions);
});
