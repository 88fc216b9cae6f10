import type { QueueJob } from '../../index/egress/egress-types.ts';
import { NOTE_WAITS } from '../../index/egress/job-state-table.ts';
import type { AwaitedObject } from '../../index/egress/note-reads.ts';
import type { JobStore, Step } from './job-store.ts';

/** How often it is looked whether a rejection note would still overtake what it names. */
const LOOK_MS = 15_000;

/** Back to QUEUED: everything of the job but its rejection notes has gone. */
export function noteWait({ noteUid, sopInstanceUid, jobId }: AwaitedObject, now: number): Step {
  const reason = `rejection note ${noteUid} waits for ${sopInstanceUid}, which job ${jobId} has yet to send or to leave out`;
  return { to: 'QUEUED', code: NOTE_WAITS, reason, nextAttemptAt: now + LOOK_MS };
}

/** Whether the job waits for nothing but that, and still must; then it is put off, of which nothing new is written down. */
export async function stillWaitsForObjects(job: QueueJob, store: JobStore, now: number): Promise<boolean> {
  if (job.lastCode !== NOTE_WAITS || (await store.noteAwaits(job)) === undefined) return false;
  await store.defer(job, now + LOOK_MS);
  return true;
}
