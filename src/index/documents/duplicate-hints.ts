import type { SqliteDatabase } from '../database.ts';
import type { NewDocument } from './document-types.ts';

/**
 * Raises the hint of duplicate imaging (päällekkäinen kuvantaminen): studies of the request's patient with an examination of the same anatomy since a
 * day, but for those that the request itself is about.
 */
export function raiseDuplicateHints(
  db: SqliteDatabase,
  { oid, patientId, accessionNumbers, receivedAt, duplicates }: NewDocument,
): void {
  if (duplicates === null) return;
  const { prefix, since } = duplicates;
  db.prepare(
    `INSERT OR IGNORE INTO duplicate_hint (request_oid, study_instance_uid, code_prefix, raised_at)
     SELECT ?, t.study_instance_uid, ?, ? FROM patient p JOIN study t ON t.patient_fk = p.id
     WHERE p.patient_id = ? AND p.patient_id <> '' AND t.study_date >= ?
     AND (t.accession_number = '' OR t.accession_number NOT IN (SELECT value FROM json_each(?)))
     AND (substr(t.study_description, 1, ?) = ? OR EXISTS (
       SELECT 1 FROM study_procedure_code j JOIN code c ON c.id = j.code_id WHERE j.study_fk = t.id AND substr(c.value, 1, ?) = ?))`,
  ).run(
    oid,
    prefix,
    receivedAt,
    patientId,
    since,
    JSON.stringify(accessionNumbers),
    prefix.length,
    prefix,
    prefix.length,
    prefix,
  );
}
