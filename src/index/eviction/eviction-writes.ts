import { auditAppender } from '../audit/audit-appender.ts';
import type { SqliteDatabase } from '../database.ts';
import { OPEN } from '../egress/open-jobs.ts';
import { IndexError } from '../index-errors.ts';
import { packUid } from '../packed-uid.ts';
import { SqlRunner } from '../writer/sql-runner.ts';
import type { Eviction } from './eviction-types.ts';

/** Changes of what is evicted. The row of an instance is there before its file goes, and goes after the file is back. */
export function evictionWrites(db: SqliteDatabase) {
  const sql = new SqlRunner(db);
  const appendAudit = auditAppender(db);
  return {
    /** @throws IndexError EVICTION_REFUSED when the study is no longer as it was looked at */
    evictStudy: (eviction: Eviction): void => {
      evict(sql, eviction);
      appendAudit(eviction.audited);
    },
    /** The files of these instances are gone. */
    evictFilesGone: (sopInstanceUids: readonly string[]): void => {
      for (const uid of sopInstanceUids)
        sql.run('UPDATE evicted_instance SET file_gone = 1 WHERE sop_instance_uid = ?', packUid(uid));
    },
    /** The files of these instances are here again, durably. A row whose file is yet to be removed stays: an eviction is at work on it. */
    evictRestored: (sopInstanceUids: readonly string[]): void => {
      for (const uid of sopInstanceUids)
        sql.run('DELETE FROM evicted_instance WHERE sop_instance_uid = ? AND file_gone = 1', packUid(uid));
    },
  };
}

// An instance whose file is here and that this destination has not committed to, or that is not known to be on the disk.
const NOT_SAFE = `FROM study t JOIN series s ON s.study_fk = t.id JOIN instance i ON i.series_fk = s.id WHERE t.study_instance_uid = ?
  AND (EXISTS (SELECT 1 FROM undurable u WHERE u.id = i.id) OR NOT EXISTS (
    SELECT 1 FROM egress_instance e JOIN egress_job o ON o.id = e.job_id WHERE e.sop_instance_uid = i.sop_instance_uid
    AND e.sha256 = i.sha256 AND e.state = 'COMMITTED' AND o.destination = ? AND o.state = 'ARCHIVED'))`;

const ON_ITS_WAY = `SELECT 1 FROM egress_job WHERE study_instance_uid = ? AND destination IN (SELECT value FROM json_each(?))
  AND ${OPEN} LIMIT 1`;

function evict(sql: SqlRunner, eviction: Eviction): void {
  const { studyInstanceUid, archives, destination, callingAet, evictedAt, instances } = eviction;
  const studyUid = packUid(studyInstanceUid);
  const refuse = (why: string): never => {
    throw new IndexError('EVICTION_REFUSED', `The study has changed meanwhile: ${why}.`);
  };
  if (sql.row('SELECT 1 FROM egress_changed WHERE study_instance_uid = ?', studyUid) !== undefined)
    refuse('something new came');
  if (sql.row(ON_ITS_WAY, studyUid, JSON.stringify(archives)) !== undefined) refuse('it is to go to an archive');
  if (sql.row(`SELECT 1 ${NOT_SAFE} LIMIT 1`, studyUid, destination) !== undefined)
    refuse('an instance is not committed');
  for (const { sopInstanceUid, sha256, described } of instances) {
    const sopUid = packUid(sopInstanceUid);
    const digest = Buffer.from(sha256, 'hex');
    if (sql.row('SELECT 1 FROM instance WHERE sop_instance_uid = ? AND sha256 = ?', sopUid, digest) === undefined)
      refuse('an instance is gone');
    sql.run(
      `INSERT INTO evicted_instance (sop_instance_uid, study_instance_uid, sha256, destination, calling_aet, evicted_at, described)
       VALUES (?, ?, ?, ?, ?, ?, ?)`,
      sopUid,
      studyUid,
      digest,
      destination,
      callingAet,
      evictedAt,
      described,
    );
  }
}
