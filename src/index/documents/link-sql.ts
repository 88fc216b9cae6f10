import type { SqliteDatabase } from '../database.ts';
import { prepared } from '../prepared.ts';

/**
 * Which documents belong to which studies, as SQL, so that every question gets the same answer. A document that names study UIDs belongs to
 * those alone; one that names none but an accession number, to the patient's studies with that number; one that names neither, to the
 * patient's studies of the service event. `t` is the study, `p` its patient, `d` the document.
 */
const SAME_PATIENT = 'd.patient_id = p.patient_id';

/** Rows (document, how) of one study; its parameters are `packed` (UID), `accession`, `admission` and `patient`. */
export const DOCUMENTS_OF_STUDY = `
  SELECT k.document_id AS document_id, 'study' AS linked_by FROM document_key k WHERE k.kind = 'study' AND k.value = hex(@packed)
  UNION SELECT k.document_id, 'accession' FROM document_key k JOIN care_document d ON d.id = k.document_id
    WHERE @accession <> '' AND k.kind = 'accession' AND k.value = @accession AND d.patient_id = @patient
  UNION SELECT k.document_id, 'event' FROM document_key k JOIN care_document d ON d.id = k.document_id
    WHERE k.kind = 'event' AND d.patient_id = @patient AND k.value IN (
      SELECT @admission WHERE @admission <> '' UNION SELECT l.service_event_oid FROM study_link l WHERE l.study_instance_uid = @packed)
  UNION SELECT h.document_id, 'hand' FROM document_link h WHERE h.study_instance_uid = @packed`;

/** Rows (study id, how) of the document whose id is the one parameter, `document`. */
export const STUDIES_OF_DOCUMENT = `
  SELECT t.id AS study_id, 'study' AS linked_by FROM document_key k JOIN study t ON t.study_instance_uid = unhex(k.value)
    WHERE k.document_id = @document AND k.kind = 'study'
  UNION SELECT t.id AS study_id, 'accession' FROM document_key k JOIN care_document d ON d.id = k.document_id
    JOIN study t ON t.accession_number = k.value JOIN patient p ON p.id = t.patient_fk
    WHERE k.document_id = @document AND k.kind = 'accession' AND k.value <> '' AND ${SAME_PATIENT}
  UNION SELECT t.id, 'event' FROM document_key k JOIN care_document d ON d.id = k.document_id
    JOIN patient p ON p.patient_id = d.patient_id JOIN study t ON t.patient_fk = p.id
    WHERE k.document_id = @document AND k.kind = 'event' AND (t.admission_id = k.value OR EXISTS (
      SELECT 1 FROM study_link l WHERE l.study_instance_uid = t.study_instance_uid AND l.service_event_oid = k.value))
  UNION SELECT t.id, 'hand' FROM document_link h JOIN study t ON t.study_instance_uid = h.study_instance_uid
    WHERE h.document_id = @document`;

/** An archive without documents need not ask for each of its studies what belongs to it. */
export function hasDocuments(db: SqliteDatabase): boolean {
  return prepared(db, 'SELECT 1 FROM care_document LIMIT 1').get() !== undefined;
}
