import { onTestFinished } from 'vitest';
import { IndexService } from '../index-service.ts';
import { databaseFile } from './database-file.ts';
import { newInstance } from './new-instance.ts';

const DESTINATION = 'national';
const HOUR = 3_600_000;

/** An index whose new instances are marked for the queue, with the steps that an engine makes. */
export async function openQueuedIndex(path: string = databaseFile()) {
  const index = await IndexService.open({ path, readers: 1, queue: true });
  onTestFinished(() => index.close());
  let clock = Date.UTC(2026, 10, 22);
  const opening = { destinations: [DESTINATION], quietMs: HOUR, deadlineMs: 24 * HOUR, limit: 1000 };
  return {
    index,
    now: () => clock,
    pass: (ms: number): void => void (clock += ms),
    add: (study: string, sop: string, organisation: string | null = null) =>
      index.addInstance(newInstance({ study, sop: `${study}.1.${sop}`, receivedAt: clock, organisation })),
    open: () => index.write('queueOpen', { ...opening, at: clock }),
    complete: () => index.write('queueComplete', { ...opening, at: clock }),
    /** What was received becomes QUEUED, with a quiet time in between. */
    async queueAll(): Promise<void> {
      await index.write('queueOpen', { ...opening, at: clock });
      clock += HOUR;
      await index.write('queueComplete', { ...opening, at: clock });
      for (const job of await index.read('queueToJudge', 1000)) {
        await index.write('queueJudge', {
          jobId: job.id,
          at: clock,
          actor: 'egress',
          findings: [],
          controller: '1.2.246.10.1',
          contentType: 'radiology',
          callingAet: 'KUVA',
          priority: job.priority,
        });
      }
    },
    jobs: (study: string) => index.read('queueJobsOfStudy', study),
  };
}
