import type { SqliteDatabase } from '../database.ts';
import { packUid } from '../packed-uid.ts';
import type { DocumentKind, ReconcileKind, ReconcileRules } from './document-types.ts';
import { prepared } from '../prepared.ts';
import { DOCUMENTS_OF_STUDY, hasDocuments, STUDIES_OF_DOCUMENT } from './link-sql.ts';

interface StudyRow {
  readonly id: number;
  readonly accession: string;
  readonly admission: string;
  readonly patient: string;
  readonly description: string;
  readonly since: number;
}

interface DocumentOfStudy {
  readonly oid: string;
  readonly kind: DocumentKind;
  readonly code: string;
  readonly patient: string;
  readonly since: number;
}

const ENCAPSULATED_CDA = '1.2.840.10008.5.1.4.1.1.104.2';

/**
 * Keeps the list of what does not fit together, study by study and document by document. What every received study is asked is asked without
 * joins: SQLite compiles a statement with a join and parameters again for each execution, a subquery it does not.
 */
export class Reconciler {
  readonly #db: SqliteDatabase;

  constructor(db: SqliteDatabase) {
    this.#db = db;
  }

  /** A document that is in force and belongs to `studies` studies of the index is listed when that is none. */
  document(oid: string, studies: number): void {
    prepared(this.#db, 'DELETE FROM reconcile_item WHERE document_oid = ?').run(oid);
    if (studies > 0) return;
    prepared(
      this.#db,
      `INSERT INTO reconcile_item SELECT 'documents-without-images', x'', oid, received_at, kind FROM care_document
         WHERE oid = ? AND state = 'current'`,
    ).run(oid);
  }

  documents(after: number, limit: number): number | null {
    const rows = prepared<{ id: number; oid: string }>(
      this.#db,
      'SELECT id, oid FROM care_document WHERE id > ? ORDER BY id LIMIT ?',
    ).all(after, limit);
    const count = prepared<{ n: number }>(this.#db, `SELECT count(*) AS n FROM (${STUDIES_OF_DOCUMENT})`);
    for (const { id, oid } of rows) {
      const studies = count.get({ document: id })?.n ?? 0;
      // Items about studies are made with the studies.
      if (studies === 0) this.document(oid, 0);
      else
        prepared(
          this.#db,
          "DELETE FROM reconcile_item WHERE document_oid = ? AND kind = 'documents-without-images'",
        ).run(oid);
    }
    return rows.length < limit ? null : (rows.at(-1)?.id ?? null);
  }

  study(studyInstanceUid: string, rules: ReconcileRules): void {
    const uid = packUid(studyInstanceUid);
    if (uid === undefined) return;
    prepared(this.#db, 'DELETE FROM reconcile_item WHERE study_instance_uid = ?').run(uid);
    const study = this.#study(uid);
    if (study === undefined) return;
    const add = (kind: ReconcileKind, oid: string, since: number, detail: string): void => {
      prepared(this.#db, 'INSERT INTO reconcile_item VALUES (?, ?, ?, ?, ?)').run(kind, uid, oid, since, detail);
    };
    const documents = hasDocuments(this.#db) ? this.#documents(uid, study) : [];
    const codes = this.#codes(study, rules.codePrefix);
    for (const document of documents) {
      prepared(this.#db, "DELETE FROM reconcile_item WHERE document_oid = ? AND kind = 'documents-without-images'").run(
        document.oid,
      );
      const code = document.code.slice(0, rules.codePrefix);
      if (document.patient !== study.patient) add('patient-mismatch', document.oid, document.since, document.kind);
      if (code !== '' && codes.length > 0 && !codes.includes(code))
        add('code-mismatch', document.oid, document.since, `document ${code}, study ${codes.join(' ')}`);
    }
    for (const { oid, kind, since } of this.#othersOfAccession(study)) add('patient-mismatch', oid, since, kind);
    const missing = rules.required.filter((kind) => !documents.some((document) => document.kind === kind));
    if (missing.length > 0 && this.#hasImages(study.id) && !this.#isCopy(uid))
      add('images-without-documents', '', study.since, missing.join(' '));
  }

  #study(uid: Buffer): StudyRow | undefined {
    return prepared<StudyRow>(
      this.#db,
      `SELECT id, accession_number AS accession, admission_id AS admission,
                (SELECT patient_id FROM patient WHERE id = patient_fk) AS patient,
                study_description AS description, first_received_at AS since FROM study WHERE study_instance_uid = ?`,
    ).get(uid);
  }

  #documents(uid: Buffer, { accession, admission, patient }: StudyRow): DocumentOfStudy[] {
    return prepared<DocumentOfStudy>(
      this.#db,
      `SELECT oid, kind, examination_code AS code, patient_id AS patient, received_at AS since FROM care_document
         WHERE state = 'current' AND id IN (SELECT document_id FROM (${DOCUMENTS_OF_STUDY}))`,
    ).all({ packed: uid, accession, admission, patient });
  }

  /** Documents that name the study's accession number and another patient: one of the two is wrong. */
  #othersOfAccession({ accession, patient }: StudyRow): Pick<DocumentOfStudy, 'oid' | 'kind' | 'since'>[] {
    if (accession === '' || !hasDocuments(this.#db)) return [];
    return prepared<Pick<DocumentOfStudy, 'oid' | 'kind' | 'since'>>(
      this.#db,
      `SELECT d.oid, d.kind, d.received_at AS since FROM document_key k JOIN care_document d ON d.id = k.document_id
         WHERE k.kind = 'accession' AND k.value = ? AND d.patient_id <> ? AND d.state = 'current'`,
    ).all(accession, patient);
  }

  /** Of the procedure codes and of a description that begins with a code. */
  #codes({ id, description }: StudyRow, length: number): string[] {
    const values = prepared<{ value: string }>(
      this.#db,
      'SELECT (SELECT value FROM code WHERE id = code_id) AS value FROM study_procedure_code WHERE study_fk = ?',
    )
      .all(id)
      .map(({ value }) => value.slice(0, length));
    const start = description.slice(0, length);
    const isCode = start.length === length && /^[A-Z0-9]*\d[A-Z0-9]*$/.test(start);
    return [...new Set([...values, ...(isCode ? [start] : [])])].toSorted();
  }

  /** A study of nothing but encapsulated documents waits for none. */
  #hasImages(studyId: number): boolean {
    const other = prepared(
      this.#db,
      `SELECT 1 FROM study_sop_class WHERE study_fk = ? AND sop_class_id IS NOT (SELECT id FROM sop_class WHERE uid = ?) LIMIT 1`,
    );
    return other.get(studyId, ENCAPSULATED_CDA) !== undefined;
  }

  #isCopy(uid: Buffer): boolean {
    return prepared(this.#db, 'SELECT 1 FROM study_copy WHERE study_instance_uid = ?').get(uid) !== undefined;
  }
}
