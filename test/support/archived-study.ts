import Database from 'better-sqlite3';
import { join } from 'node:path';

/** Writes into a node's database that a study was archived so many days ago: its job, and a commitment to each instance. */
export function archiveInDatabase(storageRoot: string, studyInstanceUid: string, days: number, committed = true): void {
  const db = new Database(join(storageRoot, 'kuva.sqlite'));
  try {
    const at = Date.now() - days * 86_400_000;
    const study = db
      .prepare<[string], { id: number; uid: Buffer }>(
        `SELECT t.id, t.study_instance_uid AS uid FROM study t JOIN study_view v ON v.id = t.id WHERE v.study_instance_uid = ?`,
      )
      .get(studyInstanceUid);
    if (study === undefined) throw new Error(`there is no study ${studyInstanceUid}`);
    db.prepare('UPDATE study SET first_received_at = ?, last_received_at = ? WHERE id = ?').run(at, at, study.id);
    db.prepare('UPDATE instance SET received_at = ? WHERE series_fk IN (SELECT id FROM series WHERE study_fk = ?)').run(
      at,
      study.id,
    );
    db.prepare('DELETE FROM egress_changed WHERE study_instance_uid = ?').run(study.uid);
    const job = db
      .prepare<unknown[], { id: number }>(
        `INSERT INTO egress_job (study_instance_uid, version, destination, state, priority, source, controller, content_type, calling_aet,
         next_attempt_at, created_at, updated_at) VALUES (?, 1, 'national', 'ARCHIVED', 1, '', '', '', 'KUVA', 0, ?, ?) RETURNING id`,
      )
      .get(study.uid, at, at)!;
    db.prepare(
      `INSERT INTO egress_transition (job_id, at, from_state, to_state, actor, code, reason) VALUES (?, ?, 'MANIFEST_SENT', 'ARCHIVED', 'egress', '', '')`,
    ).run(job.id, at);
    db.prepare(
      `INSERT INTO egress_instance (job_id, sop_instance_uid, series_instance_uid, sop_class_uid, transfer_syntax_uid, sha256, size, received_at,
       received_from, state) SELECT ?, i.sop_instance_uid, s.series_instance_uid, c.uid, x.uid, i.sha256, i.size, i.received_at, 'A', ?
       FROM instance i JOIN series s ON s.id = i.series_fk JOIN sop_class c ON c.id = i.sop_class_id
       JOIN transfer_syntax x ON x.id = i.transfer_syntax_id WHERE s.study_fk = ?`,
    ).run(job.id, committed ? 'COMMITTED' : 'SENT', study.id);
  } finally {
    db.close();
  }
}

/** Takes the marks of changed studies, as the queue does when nothing of them is missing in the archive. */
export function takeMarks(storageRoot: string): void {
  const db = new Database(join(storageRoot, 'kuva.sqlite'));
  db.exec('DELETE FROM egress_changed');
  db.close();
}
