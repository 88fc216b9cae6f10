/**
 * The way of one version of one study to one destination.
 *
 * Objects come in: RECEIVING until nothing new has come for the quiet time, or the examination entry says that the study is complete;
 * then COMPLETE. Readiness makes it READY or HELD with findings. READY joins the queue at once: QUEUED. A runner takes it: SENDING, all
 * objects answered positively: SENT, storage commitment asked for: COMMIT_PENDING, committed by the archive: COMMITTED, manifest
 * delivered: MANIFEST_SENT, the whole custody is there: ARCHIVED.
 *
 * A passing failure is RETRY_WAIT and goes on where RESUMES says; a lasting one is HELD with the cause; FAILED is a dead letter that waits
 * for an operator, who has it judged again, and never expires. What comes while nothing has been sent takes the job back to COMPLETE;
 * what comes later makes a new version. WITHDRAWN: the objects were rejected before they were sent.
 */
export const JOB_MOVES = {
  RECEIVING: ['COMPLETE', 'HELD'],
  COMPLETE: ['READY', 'HELD', 'RECEIVING'],
  READY: ['QUEUED'],
  // HELD: an operator has a reason of his own.
  HELD: ['COMPLETE', 'HELD', 'WITHDRAWN'],
  QUEUED: ['SENDING', 'HELD', 'COMPLETE', 'WITHDRAWN'],
  // QUEUED: the process was started again, the window has closed, what let it pass may have ended, or a rejection note must wait.
  SENDING: ['SENT', 'RETRY_WAIT', 'HELD', 'QUEUED', 'FAILED', 'WITHDRAWN'],
  SENT: ['COMMIT_PENDING', 'RETRY_WAIT', 'HELD'],
  // SENDING: only what the archive did not commit goes out again.
  COMMIT_PENDING: ['COMMITTED', 'SENDING', 'RETRY_WAIT', 'HELD'],
  COMMITTED: ['MANIFEST_SENT', 'RETRY_WAIT', 'HELD'],
  MANIFEST_SENT: ['ARCHIVED', 'RETRY_WAIT', 'HELD'],
  ARCHIVED: [],
  RETRY_WAIT: ['QUEUED', 'SENT', 'COMMITTED', 'MANIFEST_SENT', 'HELD', 'FAILED'],
  // COMPLETE: what let it pass may have ended long ago.
  FAILED: ['COMPLETE', 'HELD'],
  WITHDRAWN: [],
} as const satisfies Readonly<Record<string, readonly string[]>>;

export type JobState = keyof typeof JOB_MOVES;

export const JOB_STATES = Object.keys(JOB_MOVES) as JobState[];

/** Code of a job that is QUEUED again, all but its rejection notes sent, which wait for objects of other jobs. */
export const NOTE_WAITS = 'NOTE_WAITS';

/** Where a job that waits after a failure in a state goes on. A commitment is asked for anew, with a fresh Transaction UID. */
export const RESUMES: Readonly<Partial<Record<JobState, readonly JobState[]>>> = {
  SENDING: ['QUEUED'],
  SENT: ['SENT', 'QUEUED'],
  COMMIT_PENDING: ['SENT', 'QUEUED'],
  COMMITTED: ['COMMITTED'],
  MANIFEST_SENT: ['MANIFEST_SENT', 'COMMITTED'],
};

/** Where a job that comes there from another state than RETRY_WAIT has its attempts counted anew. */
export const PROGRESS_STATES: readonly JobState[] = ['SENT', 'COMMITTED', 'ARCHIVED'];

export function mayMove(from: JobState, to: JobState): boolean {
  const targets: readonly JobState[] = JOB_MOVES[from];
  return targets.includes(to);
}
