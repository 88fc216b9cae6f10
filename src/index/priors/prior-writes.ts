import type { SqliteDatabase } from '../database.ts';
import { packUid } from '../packed-uid.ts';
import type { StudyCopy } from './prior-types.ts';

/** Changes of copies and hints. */
export function priorWrites(db: SqliteDatabase) {
  return {
    /**
     * Declares a study a copy before its first object comes; one that is a copy already is kept longer. False when the study is here by
     * itself: it is ours then.
     */
    studyCopyPut: (copy: StudyCopy): boolean => {
      const uid = packUid(copy.studyInstanceUid);
      if (uid === undefined) return false;
      const isOwn = db
        .prepare(
          `SELECT 1 FROM study t WHERE t.study_instance_uid = ? AND NOT EXISTS (
             SELECT 1 FROM study_copy c WHERE c.study_instance_uid = t.study_instance_uid)`,
        )
        .get(uid);
      if (isOwn !== undefined) return false;
      db.prepare(
        `INSERT INTO study_copy VALUES (?, ?, ?, ?, ?) ON CONFLICT (study_instance_uid) DO UPDATE SET
         source = excluded.source, expires_at = max(expires_at, excluded.expires_at), fetched_for = excluded.fetched_for`,
      ).run(uid, copy.source, copy.fetchedAt, copy.expiresAt, copy.fetchedFor);
      return true;
    },
    /** It is gone, or none of it came. False while objects of it are here. */
    studyCopyRemove: (studyInstanceUid: string): boolean => {
      const uid = packUid(studyInstanceUid);
      const here = db.prepare('SELECT 1 FROM study WHERE study_instance_uid = ?').get(uid);
      // The same bytes sent again by somebody else are no part of the copy.
      db.prepare('DELETE FROM copy_object WHERE study_instance_uid = ?').run(uid);
      if (here !== undefined) return false;
      return db.prepare('DELETE FROM study_copy WHERE study_instance_uid = ?').run(uid).changes > 0;
    },
    /** What this AE has sent of a study that is a copy came with it, and goes with it. */
    studyCopyFetched: (studyInstanceUid: string, aet: string): number =>
      db
        .prepare(
          `INSERT INTO copy_object SELECT k.study_instance_uid, i.sha256 FROM study_copy k
           JOIN study t ON t.study_instance_uid = k.study_instance_uid JOIN series s ON s.study_fk = t.id
           JOIN instance i ON i.series_fk = s.id JOIN sender n ON n.id = i.sender_id
           WHERE k.study_instance_uid = ? AND n.aet = ? ON CONFLICT DO NOTHING`,
        )
        .run(packUid(studyInstanceUid), aet).changes,
    /** These files go as soon as their rows have gone. */
    copyFilesLeave: (sha256: readonly string[]): void => {
      const add = db.prepare('INSERT INTO copy_file_leaving VALUES (?) ON CONFLICT DO NOTHING');
      for (const digest of sha256) add.run(Buffer.from(digest, 'hex'));
    },
    /** They have gone, or a row names them. */
    copyFilesLeft: (sha256: readonly string[]): void => {
      const remove = db.prepare('DELETE FROM copy_file_leaving WHERE sha256 = ?');
      for (const digest of sha256) remove.run(Buffer.from(digest, 'hex'));
    },
    /** The archive has been asked for a request. */
    priorWishDone: (requestOid: string, fetched: number): void => {
      db.prepare(
        "UPDATE prior_wish SET next_attempt_at = NULL, fetched = ?, last_error = '' WHERE request_oid = ?",
      ).run(fetched, requestOid);
    },
    /** `nextAttemptAt` in ms; null gives up. */
    priorWishFailed: (requestOid: string, error: string, nextAttemptAt: number | null): void => {
      db.prepare(
        'UPDATE prior_wish SET attempts = attempts + 1, next_attempt_at = ?, last_error = ? WHERE request_oid = ?',
      ).run(nextAttemptAt, error.slice(0, 1024), requestOid);
    },
    /** A person has seen the hints about a request; how many there were. */
    duplicateHintsSeen: (requestOid: string, at: number): number =>
      db.prepare('UPDATE duplicate_hint SET seen_at = ? WHERE request_oid = ? AND seen_at IS NULL').run(at, requestOid)
        .changes,
  };
}
