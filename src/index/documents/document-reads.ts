import { packUid, unpackUid } from '../packed-uid.ts';
import type { Cell, StatementCache } from '../reader/statement-cache.ts';
import type {
  DocumentKind,
  DocumentQuery,
  DocumentRow,
  DocumentState,
  EncapsulatedRow,
  LinkedBy,
  LinkedDocument,
  RefusalRow,
  StudyDocuments,
} from './document-types.ts';
import { DOCUMENTS_OF_STUDY, STUDIES_OF_DOCUMENT } from './link-sql.ts';

const COLUMNS = `d.id, d.oid, d.set_id, d.version, d.kind, d.state, d.state_at, d.state_reason, d.patient_id, d.patient_id_root, d.controller_oid,
  d.register_code, d.register_specifier, d.service_event_oid, d.examination_code, d.examination_scheme, d.effective_time, d.effective_at,
  d.display_from, d.minor_capacity, d.header, d.sha256, d.size, d.source, d.sop_instance_uid, d.received_at, d.duplicates`;
const WIDTH = 27;

/** Newest first, a page at a time. */
export function documentList(statements: StatementCache, query: DocumentQuery): DocumentRow[] {
  const wanted = [
    ['d.id < ?', query.before],
    ['d.patient_id = ?', query.patientId],
    ['d.kind = ?', query.kind],
    ['d.state = ?', query.state],
    ['d.set_id = ?', query.setId],
    ['d.service_event_oid = ?', query.serviceEventOid],
  ] as const;
  const given = wanted.filter(([, value]) => value !== undefined);
  const where = given.length === 0 ? '' : ` WHERE ${given.map(([sql]) => sql).join(' AND ')}`;
  return statements
    .get(`SELECT ${COLUMNS} FROM care_document d${where} ORDER BY d.id DESC LIMIT ?`)
    .all(...given.map(([, value]) => value), query.limit)
    .map(documentRow);
}

export function documentByOid(statements: StatementCache, oid: string): DocumentRow | undefined {
  const row = statements.get(`SELECT ${COLUMNS} FROM care_document d WHERE d.oid = ?`).get(oid);
  return row === undefined ? undefined : documentRow(row);
}

/** All versions that belong to a study, in the order in which they were made. */
export function documentsOfStudy(statements: StatementCache, studyInstanceUid: string): LinkedDocument[] {
  const parameters = linkParameters(statements, studyInstanceUid);
  if (parameters === undefined) return [];
  return statements
    .get(
      `SELECT ${COLUMNS}, x.linked_by FROM (SELECT document_id, min(linked_by) AS linked_by FROM (${DOCUMENTS_OF_STUDY}) GROUP BY document_id) x
       JOIN care_document d ON d.id = x.document_id ORDER BY d.effective_at, d.version, d.id`,
    )
    .all(parameters)
    .map((row) => ({ ...documentRow(row), linkedBy: row[WIDTH] as LinkedBy }));
}

/** How many documents in force a study has, by kind. */
export function documentCounts(statements: StatementCache, studyInstanceUid: string): StudyDocuments {
  const counts = { request: 0, entry: 0, statement: 0 };
  const parameters = linkParameters(statements, studyInstanceUid);
  if (parameters === undefined) return counts;
  const rows = statements
    .get(
      `SELECT d.kind, count(*) FROM care_document d WHERE d.state = 'current'
       AND d.id IN (SELECT document_id FROM (${DOCUMENTS_OF_STUDY})) GROUP BY d.kind`,
    )
    .all(parameters);
  for (const [kind, count] of rows) counts[kind as DocumentKind] = Number(count);
  return counts;
}

/** Study UIDs in the index that a document belongs to. */
export function documentStudies(statements: StatementCache, oid: string): string[] {
  const id = statements.get('SELECT id FROM care_document WHERE oid = ?').get(oid)?.[0];
  if (id === undefined) return [];
  return statements
    .get(
      `SELECT DISTINCT s.study_instance_uid FROM (${STUDIES_OF_DOCUMENT}) x JOIN study s ON s.id = x.study_id ORDER BY s.id`,
    )
    .all({ document: id })
    .map(([uid]) => unpackUid(uid as Buffer));
}

/** Study UIDs whose readiness has to be looked at again. */
export function documentOutbox(statements: StatementCache, limit: number): string[] {
  return statements
    .get('SELECT study_instance_uid FROM document_outbox LIMIT ?')
    .all(limit)
    .map(([uid]) => unpackUid(uid as Buffer));
}

/** Refusals that nobody has settled, newest first. */
export function documentRefusals(statements: StatementCache, limit: number): RefusalRow[] {
  return statements
    .get(
      `SELECT id, sha256, size, code, reason, source, is_kept, oid, sop_instance_uid, received_at, times FROM document_refusal
       WHERE settled_at IS NULL ORDER BY id DESC LIMIT ?`,
    )
    .all(limit)
    .map((row) => ({
      id: Number(row[0]),
      sha256: (row[1] as Buffer).toString('hex'),
      size: Number(row[2]),
      code: String(row[3]),
      reason: String(row[4]),
      source: String(row[5]),
      isKept: row[6] === 1,
      oid: String(row[7]),
      sopInstanceUid: row[8] === null ? null : unpackUid(row[8] as Buffer),
      receivedAt: Number(row[9]),
      times: Number(row[10]),
    }));
}

/** Of these files (SHA-256 in hex), those that a document or a kept refusal names. */
export function documentFilesKnown(statements: StatementCache, digests: readonly string[]): string[] {
  const known = statements.get(
    `SELECT 1 FROM care_document WHERE substr(sha256, 1, 4) = ? AND sha256 = ?
     UNION ALL SELECT 1 FROM document_refusal WHERE sha256 = ? AND is_kept = 1 LIMIT 1`,
  );
  return digests.filter((sha256) => {
    const digest = Buffer.from(sha256, 'hex');
    return known.get(digest.subarray(0, 4), digest, digest) !== undefined;
  });
}

/** Every kept file with its size, a page after `after` (SHA-256 in hex, '' for the first). */
export function documentFiles(
  statements: StatementCache,
  after: string,
  limit: number,
): { readonly sha256: string; readonly size: number }[] {
  return statements
    .get(
      `SELECT DISTINCT sha256, size FROM (SELECT sha256, size FROM care_document UNION SELECT sha256, size FROM document_refusal WHERE is_kept = 1)
       WHERE sha256 > ? ORDER BY sha256 LIMIT ?`,
    )
    .all(Buffer.from(after, 'hex'), limit)
    .map(([sha256, size]) => ({ sha256: (sha256 as Buffer).toString('hex'), size: Number(size) }));
}

/**
 * Objects received since id `after`: those of a SOP class, and the studies of all. `last` is how far was looked, at most
 * `span` ids on, so that a first look through a large archive comes in steps.
 */
export function documentNewObjects(
  statements: StatementCache,
  sopClassUid: string,
  after: number,
  span: number,
): { readonly rows: EncapsulatedRow[]; readonly studies: string[]; readonly last: number; readonly end: boolean } {
  const newest = Number(statements.get('SELECT COALESCE(max(id), 0) FROM instance').get()?.[0] ?? 0);
  const last = Math.max(after, Math.min(newest, after + span));
  const rows = statements
    .get(
      `SELECT i.id, i.sop_instance_uid, i.sha256, i.size, i.received_at, n.aet FROM instance i JOIN sender n ON n.id = i.sender_id
       WHERE i.id > ? AND i.id <= ? AND i.sop_class_id = (SELECT id FROM sop_class WHERE uid = ?) ORDER BY i.id`,
    )
    .all(after, last, sopClassUid)
    .map((row) => ({
      instanceId: Number(row[0]),
      sopInstanceUid: unpackUid(row[1] as Buffer),
      sha256: (row[2] as Buffer).toString('hex'),
      size: Number(row[3]),
      receivedAt: Number(row[4]),
      sender: String(row[5]),
    }));
  const studies = statements
    .get(
      `SELECT t.study_instance_uid FROM study t WHERE t.id IN (
         SELECT s.study_fk FROM instance i JOIN series s ON s.id = i.series_fk WHERE i.id > ? AND i.id <= ?)`,
    )
    .all(after, last)
    .map(([uid]) => unpackUid(uid as Buffer));
  return { rows, studies, last, end: last >= newest };
}

export function documentProgressOf(statements: StatementCache): number {
  return Number(statements.get('SELECT last_instance_id FROM document_progress').get()?.[0] ?? 0);
}

/** What finds the documents of a study; undefined when the UID is none. A study that is not there yet has its UID alone. */
function linkParameters(statements: StatementCache, studyInstanceUid: string) {
  const packed = packUid(studyInstanceUid);
  if (packed === undefined) return undefined;
  const row = statements
    .get(
      `SELECT t.accession_number, t.admission_id, p.patient_id FROM study t JOIN patient p ON p.id = t.patient_fk WHERE t.study_instance_uid = ?`,
    )
    .get(packed);
  return {
    packed,
    accession: String(row?.[0] ?? ''),
    admission: String(row?.[1] ?? ''),
    patient: String(row?.[2] ?? ''),
  };
}

function documentRow(row: readonly Cell[]): DocumentRow {
  const text = (at: number): string => String(row[at]);
  return {
    id: Number(row[0]),
    oid: text(1),
    setId: text(2),
    version: Number(row[3]),
    kind: row[4] as DocumentKind,
    state: row[5] as DocumentState,
    stateAt: Number(row[6]),
    stateReason: text(7),
    patientId: text(8),
    patientIdRoot: text(9),
    controllerOid: text(10),
    registerCode: text(11),
    registerSpecifier: text(12),
    serviceEventOid: text(13),
    examinationCode: text(14),
    examinationScheme: text(15),
    effectiveTime: text(16),
    effectiveAt: Number(row[17]),
    displayFrom: row[18] === null ? null : text(18),
    minorCapacity: row[19] === null ? null : Number(row[19]),
    header: text(20),
    sha256: (row[21] as Buffer).toString('hex'),
    size: Number(row[22]),
    source: text(23),
    sopInstanceUid: row[24] === null ? null : unpackUid(row[24] as Buffer),
    receivedAt: Number(row[25]),
    duplicates: Number(row[26]),
  };
}
