import { packUid, unpackUid } from '../packed-uid.ts';
import type { StatementCache } from '../reader/statement-cache.ts';
import type { RejectionSummary } from './rejection-types.ts';

/** Rejection notes, newest first; of one study when it is given. */
export function rejectionList(
  statements: StatementCache,
  limit: number,
  studyInstanceUid: string | null,
): RejectionSummary[] {
  const studyUid = studyInstanceUid === null ? null : (packUid(studyInstanceUid) ?? Buffer.alloc(0));
  return statements
    .get(
      `SELECT r.note_uid, r.code, r.study_instance_uid, r.noted_at, r.organisation, count(*), count(h.id),
       sum(h.id IS NULL AND r.reverted_at IS NULL), count(r.reverted_at)
       FROM rejection r LEFT JOIN instance i ON i.sop_instance_uid = r.sop_instance_uid LEFT JOIN hidden_instance h ON h.id = i.id
       WHERE ? IS NULL OR r.study_instance_uid = ?
       GROUP BY r.noted_at, r.note_uid, r.study_instance_uid ORDER BY r.noted_at DESC, r.note_uid LIMIT ?`,
    )
    .all(studyUid, studyUid, limit)
    .map((row) => ({
      noteUid: unpackUid(row[0] as Buffer),
      code: String(row[1]),
      studyInstanceUid: unpackUid(row[2] as Buffer),
      notedAt: Number(row[3]),
      organisation: row[4] === null ? null : String(row[4]),
      instances: Number(row[5]),
      hidden: Number(row[6]),
      missing: Number(row[7]),
      reverted: Number(row[8]),
    }));
}
