import { UID } from '../../dicom/uids.ts';
import { packUid, unpackUid } from '../packed-uid.ts';
import { isRejected } from '../rejections/rejected-sql.ts';
import type { StatementCache } from '../reader/statement-cache.ts';
import type { QueueJob } from './egress-types.ts';
import { REJECTION_CODES, TAKEN_BACK } from './job-contents.ts';
import { OPEN } from './open-jobs.ts';

/**
 * When rejection notes and what is rejected are all that a job of a study has to send: the content type as which the archive was sent
 * what came before. Undefined when there is something else, or nothing was sent.
 */
export function queueNotesFollow(
  statements: StatementCache,
  { id, studyInstanceUid, destination }: Pick<QueueJob, 'id' | 'studyInstanceUid' | 'destination'>,
): string | undefined {
  const uid = packUid(studyInstanceUid);
  const sent = statements
    .get(
      `SELECT o.content_type FROM egress_job o JOIN egress_instance e ON e.job_id = o.id
       WHERE o.study_instance_uid = ? AND o.destination = ? AND e.sends > 0 ORDER BY o.version DESC LIMIT 1`,
    )
    .get(uid, destination);
  if (sent === undefined) return undefined;
  const [brought, others] = statements
    .get(
      `SELECT count(*), COALESCE(sum(NOT (c.uid = ? AND COALESCE(k.scheme = 'DCM' AND k.value IN (${REJECTION_CODES.map(() => '?').join(', ')}), 0))
         AND NOT ${isRejected('i.sop_instance_uid')}), 0)
       FROM study t JOIN series s ON s.study_fk = t.id JOIN instance i ON i.series_fk = s.id
       JOIN sop_class c ON c.id = i.sop_class_id LEFT JOIN code k ON k.id = i.concept_code_id
       WHERE t.study_instance_uid = ? AND NOT EXISTS (SELECT 1 FROM egress_instance e JOIN egress_job o ON o.id = e.job_id
         WHERE e.sop_instance_uid = i.sop_instance_uid AND o.destination = ? AND o.study_instance_uid = t.study_instance_uid
         AND (o.id <> ? OR e.state IN ('SENT', 'COMMITTED')) AND NOT ${TAKEN_BACK})`,
    )
    .get(UID.KeyObjectSelectionDocumentStorage, ...REJECTION_CODES, uid, destination, id) ?? [0, 0];
  return Number(brought) > 0 && others === 0 ? String(sent[0]) : undefined;
}

/** What a rejection note must not overtake. */
export interface AwaitedObject {
  readonly noteUid: string;
  readonly sopInstanceUid: string;
  /** Of the job that is to send it, or to leave it out. */
  readonly jobId: number;
}

/**
 * An object that an unsent rejection note of the job names, and that another job of the same destination has yet to send or to leave
 * out: within a study the versions follow one another, but a note may name objects of other studies. Undefined when there is none.
 */
export function queueNoteAwaits(
  statements: StatementCache,
  { id, destination }: Pick<QueueJob, 'id' | 'destination'>,
): AwaitedObject | undefined {
  const row = statements
    .get(
      `WITH named(note, sop) AS (SELECT n.sop_instance_uid, r.sop_instance_uid FROM egress_instance n
         JOIN rejection r ON r.note_uid = n.sop_instance_uid
         WHERE n.job_id = @id AND n.is_rejection_note = 1 AND n.state IN ('PENDING', 'FAILED'))
       SELECT m.note, m.sop, o.id FROM named m JOIN egress_instance e ON e.sop_instance_uid = m.sop
         JOIN egress_job o ON o.id = e.job_id
         WHERE o.destination = @destination AND o.id <> @id AND e.state IN ('PENDING', 'FAILED')
       UNION ALL
       SELECT m.note, m.sop, o.id FROM named m JOIN instance i ON i.sop_instance_uid = m.sop
         JOIN series s ON s.id = i.series_fk JOIN study t ON t.id = s.study_fk
         JOIN egress_job o ON o.study_instance_uid = t.study_instance_uid AND o.destination = @destination AND o.id <> @id AND o.${OPEN}
         WHERE NOT EXISTS (SELECT 1 FROM egress_instance e JOIN egress_job c ON c.id = e.job_id
           WHERE e.sop_instance_uid = m.sop AND c.destination = @destination)
       LIMIT 1`,
    )
    .get({ id, destination });
  if (row === undefined) return undefined;
  return {
    noteUid: unpackUid(row[0] as Buffer),
    sopInstanceUid: unpackUid(row[1] as Buffer),
    jobId: Number(row[2]),
  };
}
