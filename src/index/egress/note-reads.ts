import { UID } from '../../dicom/uids.ts';
import { packUid } from '../packed-uid.ts';
import type { StatementCache } from '../reader/statement-cache.ts';
import type { QueueJob } from './egress-types.ts';
import { REJECTION_CODES, TAKEN_BACK } from './job-contents.ts';

/**
 * When rejection notes are all that a later version of a study brings: the content type as which the archive was sent what came before
 * them. Undefined when there is something else, or nothing was sent.
 */
export function queueNotesFollow(
  statements: StatementCache,
  { id, studyInstanceUid, destination }: Pick<QueueJob, 'id' | 'studyInstanceUid' | 'destination'>,
): string | undefined {
  const uid = packUid(studyInstanceUid);
  const sent = statements
    .get(
      `SELECT o.content_type FROM egress_job o JOIN egress_instance e ON e.job_id = o.id
       WHERE o.study_instance_uid = ? AND o.destination = ? AND o.id <> ? AND e.sends > 0 ORDER BY o.version DESC LIMIT 1`,
    )
    .get(uid, destination, id);
  if (sent === undefined) return undefined;
  const [brought, notes] = statements
    .get(
      `SELECT count(*), COALESCE(sum(c.uid = ? AND k.scheme = 'DCM' AND k.value IN (${REJECTION_CODES.map(() => '?').join(', ')})), 0)
       FROM study t JOIN series s ON s.study_fk = t.id JOIN instance i ON i.series_fk = s.id
       JOIN sop_class c ON c.id = i.sop_class_id LEFT JOIN code k ON k.id = i.concept_code_id
       WHERE t.study_instance_uid = ? AND NOT EXISTS (SELECT 1 FROM egress_instance e JOIN egress_job o ON o.id = e.job_id
         WHERE e.sop_instance_uid = i.sop_instance_uid AND o.destination = ? AND o.study_instance_uid = t.study_instance_uid
         AND o.id <> ? AND NOT ${TAKEN_BACK})`,
    )
    .get(UID.KeyObjectSelectionDocumentStorage, ...REJECTION_CODES, uid, destination, id) ?? [0, 0];
  return Number(brought) > 0 && brought === notes ? String(sent[0]) : undefined;
}
