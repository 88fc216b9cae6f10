import type { SqliteDatabase } from '../database.ts';
import { packUid } from '../packed-uid.ts';
import { SqlRunner } from '../writer/sql-runner.ts';

/** What a reindex cannot find in the object tree: who sent an object; whether a study is ours, a copy of the archive's, or has been sent. */
export function rebuildWrites(db: SqliteDatabase) {
  const sql = new SqlRunner(db);
  return {
    /** Before the index is cleared: what it knows. One that was interrupted has remembered it already. */
    rebuildBegin: (at: number): void => {
      if (sql.row('SELECT 1 FROM rebuild_state') !== undefined) return;
      sql.run('INSERT INTO rebuild_state (id, begun_at) VALUES (1, ?)', at);
      sql.run('INSERT INTO rebuild_known SELECT study_instance_uid FROM study');
      // In the order of the table: it has as many rows as there are objects.
      sql.run(
        `INSERT OR IGNORE INTO rebuild_sender
         SELECT i.sha256, n.aet, b.organisation FROM instance i JOIN sender n ON n.id = i.sender_id JOIN bucket b ON b.id = i.bucket_id
         UNION ALL SELECT c.sha256, n.aet, c.organisation FROM instance_conflict c JOIN sender n ON n.id = c.sender_id ORDER BY 1`,
      );
    },
    /** When the index is full again: studies that it did not know before wait for an administrator; how many those are now. */
    rebuildEnd: (at: number): number => {
      sql.run(
        `INSERT INTO rebuilt_study SELECT t.study_instance_uid, ? FROM study t
         WHERE NOT EXISTS (SELECT 1 FROM rebuild_known k WHERE k.study_instance_uid = t.study_instance_uid)
         AND NOT EXISTS (SELECT 1 FROM egress_job j WHERE j.study_instance_uid = t.study_instance_uid)
         AND NOT EXISTS (SELECT 1 FROM study_copy c WHERE c.study_instance_uid = t.study_instance_uid)
         ON CONFLICT DO NOTHING`,
        at,
      );
      sql.run('DELETE FROM rebuild_known');
      sql.run('DELETE FROM rebuild_sender');
      sql.run('DELETE FROM rebuild_state');
      return Number(sql.row('SELECT count(*) FROM rebuilt_study')?.[0]);
    },
    /**
     * An administrator says that the study (null: every one that was found in the tree) is the archive's own and may be forwarded, and of a single
     * one that no archive has it under another patient any more; how many waited for that.
     */
    rebuiltConfirm: (studyInstanceUid: string | null): number => {
      if (studyInstanceUid === null) return sql.run('DELETE FROM rebuilt_study');
      const uid = packUid(studyInstanceUid) ?? Buffer.alloc(0);
      const found = sql.run('DELETE FROM rebuilt_study WHERE study_instance_uid = ?', uid);
      const sent = sql.run('DELETE FROM identity_sent WHERE study_instance_uid = ?', uid);
      return Math.max(found, sent);
    },
  };
}
