import { expect, onTestFinished, test } from 'vitest';
import { openWriter } from '../database.ts';
import { databaseFile } from '../test-support/database-file.ts';
import type { RejectionNote } from '../rejections/rejection-types.ts';
import { newInstance } from '../test-support/new-instance.ts';
import { StatementCache } from '../reader/statement-cache.ts';
import { IndexWriter } from '../writer/index-writer.ts';
import { egressWrites } from './egress-writes.ts';
import { queueNotesFollow } from './note-reads.ts';

const KOS = '1.2.840.10008.5.1.4.1.1.88.59';
const TITLE = [{ CodeValue: '113001', CodingSchemeDesignator: 'DCM', CodeMeaning: 'Rejected' }];

function openQueue() {
  const db = openWriter(databaseFile());
  onTestFinished(() => void db.close());
  const index = new IndexWriter(db, { queue: true, underControl: false });
  const writes = egressWrites(db);
  let at = 1000;
  const object = (sop: string, organisation: string | null = null, study = '1.2.3'): void => {
    index.othersCommitted();
    index.addInstance(newInstance({ sop, organisation, study, receivedAt: (at += 1) }));
    index.complete();
  };
  const noteOf = (
    how: Partial<RejectionNote>,
    organisation: string | null,
    sop: string,
    rejected: readonly string[],
  ) => {
    const attributes = { ConceptNameCodeSequence: TITLE };
    const received = { sop, organisation, sopClassUid: KOS, receivedAt: (at += 1), attributes };
    const references = rejected.map((sopInstanceUid) => ({ studyInstanceUid: '1.2.3', sopInstanceUid }));
    const rejects = { code: '113001', later: 'hide', ownObjectsOnly: false, references, ...how } as const;
    index.othersCommitted();
    index.addInstance({ ...newInstance(received), rejects });
    index.complete();
  };
  const note = (sop: string, ...rejected: readonly string[]): void => noteOf({}, null, sop, rejected);
  /** Opens and judges what is new: the state of the latest job, and what it carries. */
  const judge = (): Record<string, string> => {
    // The engine's commits are those of another connection.
    index.othersCommitted();
    const opening = { destinations: ['national'], quietMs: 0, deadlineMs: null, limit: 10 };
    writes.queueOpen({ ...opening, at });
    writes.queueComplete({ ...opening, at: at + 1 });
    const jobId = db.prepare("SELECT id FROM egress_job WHERE state = 'COMPLETE'").pluck().get() as number;
    const how = {
      findings: [],
      controller: '',
      contentType: '',
      callingAet: 'A',
      priority: 1,
      actor: 'egress',
    } as const;
    const { state } = writes.queueJudge({ jobId, at, ...how });
    const rows = db
      .prepare(
        "SELECT replace(rtrim(hex(sop_instance_uid), 'F'), 'B', '.'), state FROM egress_instance WHERE job_id = ? ORDER BY 1",
      )
      .raw()
      .all(jobId) as [string, string][];
    return { job: state, ...Object.fromEntries(rows) };
  };
  const start = (jobId: number) => writes.queueStart(jobId, at, 'egress');
  const send = (jobId: number): void => {
    start(jobId);
    db.prepare("UPDATE egress_instance SET state = 'SENT', sends = 1 WHERE job_id = ? AND state = 'PENDING'").run(
      jobId,
    );
  };
  return { db, writes, object, note, noteOf, judge, start, send };
}

test('what is rejected before it went never goes, nor does its note', () => {
  const { object, note, judge } = openQueue();
  object('1.2.3.1');
  object('1.2.3.2');
  expect(judge()).toEqual({ job: 'QUEUED', '1.2.3.1': 'PENDING', '1.2.3.2': 'PENDING' });
  note('1.2.3.9', '1.2.3.1');
  expect(judge()).toEqual({ job: 'QUEUED', '1.2.3.1': 'WITHDRAWN', '1.2.3.2': 'PENDING', '1.2.3.9': 'WITHDRAWN' });
});

test('a study of which nothing is left is withdrawn', () => {
  const { object, note, judge } = openQueue();
  object('1.2.3.1');
  note('1.2.3.9', '1.2.3.1');
  expect(judge()).toEqual({ job: 'WITHDRAWN', '1.2.3.1': 'WITHDRAWN', '1.2.3.9': 'WITHDRAWN' });
});

test('of what went, or was never here, the archive is told', () => {
  const { object, note, judge, send } = openQueue();
  object('1.2.3.1');
  judge();
  send(1);
  note('1.2.3.9', '1.2.3.1');
  expect(judge()).toEqual({ job: 'QUEUED', '1.2.3.9': 'PENDING' });
  note('1.2.3.10', '1.2.3.77');
  expect(judge()).toMatchObject({ '1.2.3.10': 'PENDING' });
});

test('what a note names together with something that went goes before it, and so does what other notes name with that', () => {
  const { object, note, judge, send } = openQueue();
  object('1.2.3.1');
  judge();
  send(1);
  for (const sop of ['1.2.3.2', '1.2.3.3', '1.2.3.4']) object(sop);
  note('1.2.3.9', '1.2.3.1', '1.2.3.2');
  note('1.2.3.10', '1.2.3.2', '1.2.3.3');
  note('1.2.3.11', '1.2.3.4');
  expect(judge()).toEqual({
    job: 'QUEUED',
    '1.2.3.2': 'PENDING',
    '1.2.3.3': 'PENDING',
    '1.2.3.4': 'WITHDRAWN',
    '1.2.3.9': 'PENDING',
    '1.2.3.10': 'PENDING',
    '1.2.3.11': 'WITHDRAWN',
  });
});

test('what comes when the note that names it has gone does not go', () => {
  const { object, note, judge, send } = openQueue();
  object('1.2.3.1');
  judge();
  send(1);
  note('1.2.3.9', '1.2.3.1', '1.2.3.2');
  expect(judge()).toEqual({ job: 'QUEUED', '1.2.3.9': 'PENDING' });
  send(2);
  object('1.2.3.2');
  expect(judge()).toEqual({ job: 'WITHDRAWN', '1.2.3.2': 'WITHDRAWN' });
});

test('what was left out before it went comes after all when a later note names it together with something that went', () => {
  const { object, note, judge, send } = openQueue();
  object('1.2.3.1');
  object('1.2.3.2');
  note('1.2.3.9', '1.2.3.1');
  expect(judge()).toEqual({ job: 'QUEUED', '1.2.3.1': 'WITHDRAWN', '1.2.3.2': 'PENDING', '1.2.3.9': 'WITHDRAWN' });
  send(1);
  note('1.2.3.10', '1.2.3.1', '1.2.3.2');
  expect(judge()).toEqual({ job: 'QUEUED', '1.2.3.1': 'PENDING', '1.2.3.10': 'PENDING' });
});

test('also when the job that left it out has still to go', () => {
  const { object, note, judge, send, start } = openQueue();
  object('1.2.3.1');
  judge();
  send(1);
  object('1.2.3.2');
  judge();
  note('1.2.3.9', '1.2.3.1', '1.2.3.2');
  expect(start(2)).toMatchObject({ state: 'COMPLETE', lastCode: 'REJECTED_MEANWHILE' });
  expect(judge()).toEqual({ job: 'QUEUED', '1.2.3.2': 'PENDING', '1.2.3.9': 'PENDING' });
});

test('also an object of another study that comes while the note is on its way, unless the note is held', () => {
  const { db, object, note, judge, send } = openQueue();
  object('1.2.3.1');
  judge();
  send(1);
  note('1.2.3.9', '1.2.3.1', '1.2.4.1', '1.2.5.1');
  expect(judge()).toEqual({ job: 'QUEUED', '1.2.3.9': 'PENDING' });
  object('1.2.4.1', null, '1.2.4');
  expect(judge()).toEqual({ job: 'QUEUED', '1.2.4.1': 'PENDING' });
  db.exec("UPDATE egress_job SET state = 'HELD' WHERE id = 2");
  object('1.2.5.1', null, '1.2.5');
  expect(judge()).toEqual({ job: 'WITHDRAWN', '1.2.5.1': 'WITHDRAWN' });
});

test('a note of another organisation, which rejects only its own, keeps nothing back', () => {
  const { object, noteOf, judge } = openQueue();
  object('1.2.3.1', 'Lahti');
  noteOf({ ownObjectsOnly: true }, 'Oulu', '1.2.3.9', ['1.2.3.1']);
  expect(judge()).toMatchObject({ job: 'QUEUED', '1.2.3.1': 'PENDING' });
});

test('what comes again after its retention had ended goes, though it was withdrawn', () => {
  const { object, noteOf, judge } = openQueue();
  object('1.2.3.1');
  noteOf({ code: '113039', later: 'restore' }, null, '1.2.3.9', ['1.2.3.1']);
  expect(judge()).toMatchObject({ job: 'WITHDRAWN', '1.2.3.1': 'WITHDRAWN' });
  object('1.2.3.1');
  expect(judge()).toEqual({ job: 'QUEUED', '1.2.3.1': 'PENDING' });
});

test('a version that brings such an object beside a note has to pass the rules', () => {
  const { db, object, noteOf, note, judge, send } = openQueue();
  object('1.2.3.1');
  object('1.2.3.2');
  noteOf({ code: '113039', later: 'restore' }, null, '1.2.3.9', ['1.2.3.1']);
  judge();
  send(1);
  note('1.2.3.10', '1.2.3.2');
  const followed = { id: 2, studyInstanceUid: '1.2.3', destination: 'national' };
  expect(queueNotesFollow(new StatementCache(db), followed)).toBe('');
  object('1.2.3.1');
  expect(queueNotesFollow(new StatementCache(db), followed)).toBeUndefined();
  expect(judge()).toEqual({ job: 'QUEUED', '1.2.3.1': 'PENDING', '1.2.3.10': 'PENDING' });
});

test('also when the job that left it out has not gone yet', () => {
  const { object, noteOf, judge } = openQueue();
  object('1.2.3.1');
  object('1.2.3.2');
  noteOf({ code: '113039', later: 'restore' }, null, '1.2.3.9', ['1.2.3.1']);
  expect(judge()).toMatchObject({ job: 'QUEUED', '1.2.3.1': 'WITHDRAWN', '1.2.3.2': 'PENDING' });
  object('1.2.3.1');
  expect(judge()).toMatchObject({ job: 'QUEUED', '1.2.3.1': 'PENDING', '1.2.3.2': 'PENDING' });
});

test('a version that brings nothing but notes and what is rejected follows what went before', () => {
  const { db, object, note, judge, send } = openQueue();
  const followed = () =>
    queueNotesFollow(new StatementCache(db), { id: 2, studyInstanceUid: '1.2.3', destination: 'national' });
  object('1.2.3.1');
  judge();
  send(1);
  object('1.2.3.2');
  expect(followed()).toBeUndefined();
  note('1.2.3.9', '1.2.3.1', '1.2.3.2');
  expect(followed()).toBe('');
  object('1.2.3.3');
  expect(followed()).toBeUndefined();
});

test('also in the job itself that had sent it and is held since', () => {
  const { db, writes, object, note, judge, send } = openQueue();
  const followed = () =>
    queueNotesFollow(new StatementCache(db), { id: 1, studyInstanceUid: '1.2.3', destination: 'national' });
  object('1.2.3.1');
  object('1.2.3.2');
  judge();
  send(1);
  writes.queueMove({ jobId: 1, from: 'SENDING', to: 'HELD', at: 2000, actor: 'egress', code: 'X', reason: '' });
  expect(followed()).toBeUndefined();
  note('1.2.3.9', '1.2.3.1');
  expect(followed()).toBe('');
  db.exec("UPDATE egress_instance SET state = 'FAILED' WHERE hex(sop_instance_uid) LIKE '%B2F%'");
  expect(followed()).toBeUndefined();
});

test('what may have gone before the process was killed is taken for sent: its note goes', () => {
  const { writes, object, note, judge, start } = openQueue();
  object('1.2.3.1');
  judge();
  start(1);
  writes.queueRecover(2000);
  note('1.2.3.9', '1.2.3.1');
  expect(judge()).toEqual({ job: 'QUEUED', '1.2.3.9': 'PENDING' });
});

test('what is rejected while the archive is away does not go when it is back, nor does the note', () => {
  const { writes, object, note, judge, start } = openQueue();
  const step = { jobId: 1, at: 2000, actor: 'egress', code: 'X', reason: 'x' } as const;
  object('1.2.3.1');
  object('1.2.3.2');
  judge();
  start(1);
  writes.queueMove({ ...step, from: 'SENDING', to: 'RETRY_WAIT', resumeState: 'QUEUED' });
  note('1.2.3.9', '1.2.3.1');
  expect(judge()).toEqual({ job: 'QUEUED', '1.2.3.9': 'PENDING' });
  writes.queueMove({ ...step, from: 'RETRY_WAIT', to: 'QUEUED' });
  expect(start(1)).toMatchObject({ state: 'SENDING', instances: 1 });
  expect(start(2)).toMatchObject({ state: 'COMPLETE', lastCode: 'REJECTED_MEANWHILE' });
  expect(judge()).toEqual({ job: 'WITHDRAWN', '1.2.3.9': 'WITHDRAWN' });
});

test('what the archive had refused for good and is then rejected does not go again, nor does the note', () => {
  const { db, writes, object, note, judge, start } = openQueue();
  object('1.2.3.1');
  object('1.2.3.2');
  judge();
  start(1);
  db.exec("UPDATE egress_instance SET state = 'SENT', sends = 1, status = 0");
  db.exec("UPDATE egress_instance SET state = 'FAILED', status = 0xA777 WHERE hex(sop_instance_uid) LIKE '%B1F%'");
  const held = { jobId: 1, from: 'SENDING', to: 'HELD', at: 2000, actor: 'egress', code: 'A777', reason: '' } as const;
  writes.queueMove(held);
  note('1.2.3.9', '1.2.3.1');
  expect(judge()).toEqual({ job: 'QUEUED', '1.2.3.1': 'WITHDRAWN', '1.2.3.2': 'SENT', '1.2.3.9': 'WITHDRAWN' });
});
