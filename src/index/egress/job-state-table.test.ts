import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { errorCode } from '../../core/errors.ts';
import { openWriter } from '../database.ts';
import { egressWrites } from './egress-writes.ts';
import { JOB_STATES, RESUMES } from './job-state-table.ts';
import type { JobState } from './job-state-table.ts';

/** Every move that the table shall have, written out again. */
const LEGAL: Readonly<Record<JobState, readonly JobState[]>> = {
  RECEIVING: ['COMPLETE', 'HELD'],
  COMPLETE: ['READY', 'HELD', 'RECEIVING'],
  READY: ['QUEUED'],
  HELD: ['COMPLETE', 'HELD', 'WITHDRAWN'],
  QUEUED: ['SENDING', 'HELD', 'COMPLETE', 'WITHDRAWN'],
  SENDING: ['SENT', 'RETRY_WAIT', 'HELD', 'QUEUED', 'FAILED', 'WITHDRAWN'],
  SENT: ['COMMIT_PENDING', 'RETRY_WAIT', 'HELD'],
  COMMIT_PENDING: ['COMMITTED', 'SENDING', 'RETRY_WAIT', 'HELD'],
  COMMITTED: ['MANIFEST_SENT', 'RETRY_WAIT', 'HELD'],
  MANIFEST_SENT: ['ARCHIVED', 'RETRY_WAIT', 'HELD'],
  ARCHIVED: [],
  RETRY_WAIT: ['QUEUED', 'SENT', 'COMMITTED', 'MANIFEST_SENT', 'HELD', 'FAILED'],
  FAILED: ['COMPLETE', 'HELD'],
  WITHDRAWN: [],
};

const folder = mkdtempSync(join(tmpdir(), 'kuva-index-'));
const db = openWriter(join(folder, 'kuva.sqlite'));
const writes = egressWrites(db);
afterAll(() => {
  db.close();
  rmSync(folder, { recursive: true, force: true });
});

/** A job put into a state without a move, as if it had come there. */
function jobIn(state: JobState, resumeState: JobState | null): number {
  db.exec(
    'DELETE FROM egress_transition; DELETE FROM egress_job; DELETE FROM egress_failure; DELETE FROM egress_depth',
  );
  const inserted = db
    .prepare(
      `INSERT INTO egress_job (study_instance_uid, version, destination, state, resume_state, priority, source, controller, content_type, calling_aet,
       next_attempt_at, created_at, updated_at) VALUES (x'1B2F', 1, 'national', ?, ?, 1, '', '', '', '', 0, 0, 0)`,
    )
    .run(state, resumeState);
  return Number(inserted.lastInsertRowid);
}

function move(from: JobState, to: JobState, resume: { before?: JobState; after?: JobState } = {}): string {
  const jobId = jobIn(from, resume.before ?? null);
  const resumeState = resume.after === undefined ? {} : { resumeState: resume.after };
  try {
    return writes.queueMove({ jobId, from, to, at: 1, actor: 'test', code: 'TEST', reason: '', ...resumeState }).state;
  } catch (error) {
    return errorCode(error);
  }
}

test.each(JOB_STATES)('from %s: what the table has is done, everything else is refused', (from) => {
  for (const to of JOB_STATES) {
    const before = from === 'RETRY_WAIT' && to !== 'HELD' && to !== 'FAILED' ? to : undefined;
    const after = to === 'RETRY_WAIT' ? RESUMES[from]?.[0] : undefined;
    const result = move(from, to, {
      ...(before === undefined ? {} : { before }),
      ...(after === undefined ? {} : { after }),
    });
    expect(`${from} → ${to}: ${result}`).toBe(
      `${from} → ${to}: ${LEGAL[from].includes(to) ? to : 'QUEUE_MOVE_REFUSED'}`,
    );
  }
});

test('a job in RETRY_WAIT goes on only where it was told to, and is only told where the failure leaves it', () => {
  expect(move('RETRY_WAIT', 'SENT', { before: 'QUEUED' })).toBe('QUEUE_MOVE_REFUSED');
  expect(move('SENDING', 'RETRY_WAIT', { after: 'COMMITTED' })).toBe('QUEUE_MOVE_REFUSED');
  expect(move('SENDING', 'RETRY_WAIT')).toBe('QUEUE_MOVE_REFUSED');
  expect(move('COMMIT_PENDING', 'RETRY_WAIT', { after: 'SENT' })).toBe('RETRY_WAIT');
});

test('a stale move is refused and leaves no trace; one that is done leaves a transition, attempts and kept counts', () => {
  const step = { at: 5, actor: 'egress', code: 'A700', reason: 'out of resources' };
  const jobId = jobIn('SENDING', null);
  expect(() => writes.queueMove({ ...step, jobId, from: 'QUEUED', to: 'SENDING' })).toThrow('it is SENDING');
  expect(db.prepare('SELECT count(*) FROM egress_transition').pluck().get()).toBe(0);

  const waiting = {
    ...step,
    jobId,
    from: 'SENDING',
    to: 'RETRY_WAIT',
    resumeState: 'QUEUED',
    nextAttemptAt: 99,
  } as const;
  expect(writes.queueMove(waiting)).toMatchObject({
    state: 'RETRY_WAIT',
    attempts: 1,
    nextAttemptAt: 99,
    lastCode: 'A700',
  });
  writes.queueMove({ ...step, jobId, from: 'RETRY_WAIT', to: 'QUEUED' });
  expect(writes.queueMove({ ...step, jobId, from: 'QUEUED', to: 'SENDING' })).toMatchObject({ attempts: 1 });
  expect(writes.queueMove({ ...step, jobId, from: 'SENDING', to: 'SENT' })).toMatchObject({ attempts: 0 });
  expect(db.prepare('SELECT from_state, to_state, actor FROM egress_transition ORDER BY id').raw().all()).toEqual([
    ['SENDING', 'RETRY_WAIT', 'egress'],
    ['RETRY_WAIT', 'QUEUED', 'egress'],
    ['QUEUED', 'SENDING', 'egress'],
    ['SENDING', 'SENT', 'egress'],
  ]);
  expect(db.prepare('SELECT to_state, code, times FROM egress_failure').raw().all()).toEqual([
    ['RETRY_WAIT', 'A700', 1],
  ]);
  expect(db.prepare("SELECT state, jobs FROM egress_depth WHERE jobs <> 0 AND state = 'SENT'").raw().all()).toEqual([
    ['SENT', 1],
  ]);
});
