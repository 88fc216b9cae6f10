import { expect, test } from 'vitest';
import { openQueuedIndex } from '../../index/test-support/queue-fixture.ts';
import { silentLoggers } from '../../observability/loggers.ts';
import { Dispatcher } from './dispatcher.ts';

test('jobs of a calling AE title that is refused, however many, hide no other job of the same source', async () => {
  const queue = openQueuedIndex();
  for (let n = 1; n <= 20; n++) await queue.add(`1.2.${n}`, '1', 'Lahti');
  await queue.queueAll();
  queue.db.exec("UPDATE egress_job SET calling_aet = 'REFUSED' WHERE id <= 19");
  const ran: string[] = [];
  const { promise: ended, resolve: end } = Promise.withResolvers<void>();
  const dispatcher = new Dispatcher({
    index: queue.index,
    log: silentLoggers().egress,
    now: queue.now,
    destination: { name: 'national', window: 2 },
    runner: {
      run: async (job, signal) => {
        ran.push(job.callingAet);
        signal.addEventListener('abort', () => end());
        await ended;
      },
    },
    gate: {
      mayBegin: ({ callingAet }) => callingAet !== 'REFUSED',
      refusedTitles: () => ['REFUSED'],
      probeNow: () => undefined,
      report: () => ({ state: 'closed', failures: 0, probeAt: null, cause: '' }),
    },
  });
  await dispatcher.fill();
  expect(ran).toEqual(['KUVA']);
  await dispatcher.close();
});
