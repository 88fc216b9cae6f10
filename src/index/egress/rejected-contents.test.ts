import { expect, onTestFinished, test } from 'vitest';
import { openWriter } from '../database.ts';
import { databaseFile } from '../test-support/database-file.ts';
import { newInstance } from '../test-support/new-instance.ts';
import { IndexWriter } from '../writer/index-writer.ts';
import { egressWrites } from './egress-writes.ts';

const KOS = '1.2.840.10008.5.1.4.1.1.88.59';
const TITLE = [{ CodeValue: '113001', CodingSchemeDesignator: 'DCM', CodeMeaning: 'Rejected' }];

function openQueue() {
  const db = openWriter(databaseFile());
  onTestFinished(() => void db.close());
  const index = new IndexWriter(db, { queue: true });
  const writes = egressWrites(db);
  let at = 1000;
  const object = (sop: string): void => {
    index.addInstance(newInstance({ sop, receivedAt: (at += 1) }));
    index.complete();
  };
  const note = (sop: string, ...rejected: readonly string[]): void => {
    const received = { sop, sopClassUid: KOS, receivedAt: (at += 1), attributes: { ConceptNameCodeSequence: TITLE } };
    const references = rejected.map((sopInstanceUid) => ({ studyInstanceUid: '1.2.3', sopInstanceUid }));
    const rejects = { code: '113001', later: 'hide', ownObjectsOnly: false, references } as const;
    index.addInstance({ ...newInstance(received), rejects });
    index.complete();
  };
  /** Opens and judges what is new: the state of the latest job, and what it carries. */
  const judge = (): Record<string, string> => {
    // The engine's commits are those of another connection.
    index.othersCommitted();
    writes.queueOpen({ destinations: ['national'], quietMs: 0, deadlineMs: null, limit: 10, at });
    writes.queueComplete({ at: at + 1, quietMs: 0, limit: 10 });
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
  const send = (jobId: number): void => {
    const step = { jobId, at, actor: 'egress', code: 'X', reason: 'x' } as const;
    writes.queueMove({ ...step, from: 'QUEUED', to: 'SENDING' });
    db.prepare("UPDATE egress_instance SET state = 'SENT', sends = 1 WHERE job_id = ? AND state = 'PENDING'").run(
      jobId,
    );
  };
  return { object, note, judge, send };
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
