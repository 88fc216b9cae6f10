import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { expect, test, vi } from 'vitest';
import { JOB_STATES, mayMove } from '../../src/index/egress/job-state-table.ts';
import type { JobState } from '../../src/index/egress/job-state-table.ts';
import { writeInstances } from '../cli/kuva.ts';
import { NodeProcess } from '../support/node-process.ts';
import { runProcess, succeeded } from '../support/run-process.ts';
import { LocalSim } from '../support/sim-archive.ts';
import { tempDir } from '../support/temp-dir.ts';
import { waitFor } from '../support/wait-for.ts';

vi.setConfig({ testTimeout: 300_000 });

/** Where a job ends that an engine finds in a state when it starts. The objects break the archive's rules, so that what is judged is held. */
const ENDS: Readonly<Record<JobState, JobState>> = {
  RECEIVING: 'HELD',
  COMPLETE: 'HELD',
  READY: 'ARCHIVED',
  HELD: 'HELD',
  QUEUED: 'ARCHIVED',
  SENDING: 'ARCHIVED',
  SENT: 'ARCHIVED',
  COMMIT_PENDING: 'ARCHIVED',
  COMMITTED: 'ARCHIVED',
  MANIFEST_SENT: 'ARCHIVED',
  ARCHIVED: 'ARCHIVED',
  RETRY_WAIT: 'ARCHIVED',
  FAILED: 'FAILED',
  WITHDRAWN: 'WITHDRAWN',
};
const SENT_BEFORE: readonly JobState[] = ['SENT', 'COMMIT_PENDING'];
const COMMITTED_BEFORE: readonly JobState[] = ['COMMITTED', 'MANIFEST_SENT', 'ARCHIVED'];

const studyOf = (state: JobState): string => `1.2.3.${JOB_STATES.indexOf(state) + 1}`;

async function withDatabase<T>(node: NodeProcess, work: (db: Database.Database) => T): Promise<T> {
  const db = new Database(join(node.storageRoot, 'kuva.sqlite'), { timeout: 10_000 });
  try {
    return work(db);
  } finally {
    db.close();
  }
}

/** Puts one received study into each state, as an engine that was killed there would have left it. */
function prepare(db: Database.Database): void {
  db.exec('DELETE FROM egress_transition; DELETE FROM egress_job; DELETE FROM egress_changed');
  for (const state of JOB_STATES) {
    const sop = `${studyOf(state)}.9`;
    const uid = db
      .prepare(
        `SELECT t.study_instance_uid FROM study t JOIN study_view v ON v.id = t.id WHERE v.study_instance_uid = ?`,
      )
      .pluck()
      .get(studyOf(state));
    const job = db
      .prepare(
        `INSERT INTO egress_job (study_instance_uid, version, destination, state, resume_state, priority, source, controller, content_type,
         calling_aet, instances, next_attempt_at, last_code, created_at, updated_at)
         VALUES (?, 1, 'national', ?, ?, 1, '', '', '', 'KUVA', 1, 0, ?, 0, 0)`,
      )
      .run(uid, state, state === 'RETRY_WAIT' ? 'QUEUED' : null, state === 'HELD' ? 'OPERATOR_HOLD' : '');
    if (state === 'RECEIVING') {
      db.prepare('INSERT INTO egress_changed (study_instance_uid, changed_at, opened) VALUES (?, 0, 1)').run(uid);
      db.prepare('UPDATE study SET last_received_at = 0 WHERE study_instance_uid = ?').run(uid);
    } else if (state !== 'COMPLETE' && state !== 'HELD') {
      const own = SENT_BEFORE.includes(state) ? 'SENT' : COMMITTED_BEFORE.includes(state) ? 'COMMITTED' : 'PENDING';
      db.prepare(
        `INSERT INTO egress_instance (job_id, sop_instance_uid, series_instance_uid, sop_class_uid, transfer_syntax_uid, sha256, size, received_at,
         received_from, state) SELECT ?, i.sop_instance_uid, s.series_instance_uid, v.sop_class_uid, v.transfer_syntax_uid, i.sha256, i.size,
         i.received_at, v.sender, ? FROM instance i JOIN instance_view v ON v.id = i.id JOIN series s ON s.id = i.series_fk WHERE v.sop_instance_uid = ?`,
      ).run(job.lastInsertRowid, own, sop);
    }
  }
}

test('an engine that starts finds a job in any state and takes it where it belongs, though it is killed again and again', async () => {
  await using sim = await LocalSim.start();
  await using node = await NodeProcess.start({
    sections: {
      egress: {
        destination: { aeTitle: 'ARCHIVE', host: '127.0.0.1', port: sim.port, tls: false, window: 4 },
        quietTime: '1h',
      },
    },
  });
  await using dir = await tempDir('kuva-send-');
  writeInstances(
    dir.path,
    JOB_STATES.map((state) => ({ study: studyOf(state), sop: `${studyOf(state)}.9` })),
  );
  await succeeded(runProcess('storescu', ['-aec', node.aet, '127.0.0.1', String(node.dicomPort), '+sd', dir.path]));
  await node.stop();
  await withDatabase(node, prepare);
  await node.start();

  let kills = 0;
  await waitFor(
    'every job to come where it belongs',
    () =>
      withDatabase(node, (db) => {
        // Back-off times, and how long a report may take, are the forwarder's matter: nobody waits for them here.
        const waiting = `next_attempt_at > 0 AND (state = 'RETRY_WAIT' OR state IN ('COMMIT_PENDING', 'MANIFEST_SENT') AND updated_at < ${Date.now() - 10_000})`;
        if (db.prepare(`SELECT 1 FROM egress_job WHERE ${waiting}`).get() !== undefined) {
          db.exec(`UPDATE egress_commitment SET answer_by = 0 WHERE state = 'REQUESTED' AND job_id IN (SELECT id FROM egress_job WHERE ${waiting});
            UPDATE egress_job SET next_attempt_at = 0 WHERE ${waiting}`);
        }
        const moves = Number(db.prepare('SELECT count(*) FROM egress_transition').pluck().get());
        if (kills < 3 && moves > 8 * (kills + 1)) {
          kills += 1;
          process.kill(
            (JSON.parse(readFileSync(join(node.storageRoot, 'egress.lock'), 'utf8')) as { pid: number }).pid,
            'SIGKILL',
          );
        }
        const rows = db.prepare<[], [string, JobState]>(
          `SELECT replace(rtrim(hex(study_instance_uid), 'F'), 'B', '.'), state FROM egress_job WHERE version = 1`,
        );
        const states = new Map(rows.raw().all());
        const astray = JOB_STATES.filter((state) => states.get(studyOf(state)) !== ENDS[state]);
        if (astray.length === 0) return true;
        throw new Error(astray.map((state) => `${state} is ${states.get(studyOf(state)) ?? 'gone'}`).join(', '));
      }),
    200_000,
  );

  await withDatabase(node, (db) => {
    const moves = db.prepare('SELECT from_state, to_state FROM egress_transition').raw().all() as [
      JobState,
      JobState,
    ][];
    expect(moves.filter(([from, to]) => !mayMove(from, to))).toEqual([]);
    expect(db.prepare('SELECT sop_instance_uid FROM egress_instance GROUP BY 1 HAVING count(*) > 1').all()).toEqual([]);
    const proven = `SELECT count(*) FROM egress_job j JOIN egress_instance e ON e.job_id = j.id WHERE j.state = 'ARCHIVED' AND e.state <> 'COMMITTED'`;
    expect(db.prepare(proven).pluck().get()).toBe(0);
  });
  expect(kills).toBe(3);
});
