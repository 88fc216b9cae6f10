import { packUid, unpackUid } from '../packed-uid.ts';
import type { Cell, StatementCache } from '../reader/statement-cache.ts';
import type { CopyInstance, DuplicateHint, PriorStudy, StudyCopy } from './prior-types.ts';

const COPY = 'SELECT study_instance_uid, source, fetched_at, expires_at, fetched_for FROM study_copy';

/** All studies of a patient, newest first. */
export function priorStudies(statements: StatementCache, patientId: string): PriorStudy[] {
  const codes = statements.get(
    'SELECT c.value, c.scheme FROM study_procedure_code j JOIN code c ON c.id = j.code_id WHERE j.study_fk = ? ORDER BY 1, 2',
  );
  return statements
    .get(
      `SELECT t.id, t.study_instance_uid, t.study_date, t.study_description, b.organisation, COALESCE(l.controller_oid, ''), k.expires_at,
              (SELECT group_concat(m.modality, '\\') FROM study_modality m WHERE m.study_fk = t.id)
       FROM patient p JOIN study t ON t.patient_fk = p.id JOIN bucket b ON b.id = t.bucket_id
       LEFT JOIN study_link l ON l.study_instance_uid = t.study_instance_uid
       LEFT JOIN study_copy k ON k.study_instance_uid = t.study_instance_uid
       WHERE p.patient_id = ? AND p.patient_id <> '' ORDER BY t.study_date DESC, t.id DESC`,
    )
    .all(patientId)
    .map((row) => ({
      studyInstanceUid: unpackUid(row[1] as Buffer),
      studyDate: String(row[2]),
      studyDescription: String(row[3]),
      procedureCodes: codes.all(row[0]).map(([value, scheme]) => ({ value: String(value), scheme: String(scheme) })),
      modalities: row[7] === null ? [] : String(row[7]).split('\\'),
      organisation: row[4] === '' ? null : String(row[4]),
      controllerOid: String(row[5]),
      copyUntil: row[6] === null ? null : Number(row[6]),
    }));
}

export function studyCopies(statements: StatementCache, limit: number): StudyCopy[] {
  return statements.get(`${COPY} ORDER BY expires_at LIMIT ?`).all(limit).map(copyRow);
}

/** Copies whose time is over. */
export function studyCopiesExpired(statements: StatementCache, now: number, limit: number): StudyCopy[] {
  return statements.get(`${COPY} WHERE expires_at <= ? ORDER BY expires_at LIMIT ?`).all(now, limit).map(copyRow);
}

/** The instances of a study that is a copy; none when it is not. */
export function studyCopyInstances(statements: StatementCache, studyInstanceUid: string): CopyInstance[] {
  return statements
    .get(
      `SELECT i.id, i.sha256, EXISTS (SELECT 1 FROM copy_object o WHERE o.study_instance_uid = k.study_instance_uid AND o.sha256 = i.sha256)
       FROM study_copy k JOIN study t ON t.study_instance_uid = k.study_instance_uid
       JOIN series s ON s.study_fk = t.id JOIN instance i ON i.series_fk = s.id
       WHERE k.study_instance_uid = ? ORDER BY i.id`,
    )
    .all(packUid(studyInstanceUid) ?? Buffer.alloc(0))
    .map(([id, sha256, isFetched]) => ({
      instanceId: Number(id),
      sha256: (sha256 as Buffer).toString('hex'),
      isFetched: isFetched === 1,
    }));
}

/** Files of copies that are to go when no row names them. */
export function copyFilesLeaving(statements: StatementCache, limit: number): string[] {
  return statements
    .get('SELECT sha256 FROM copy_file_leaving LIMIT ?')
    .all(limit)
    .map(([sha256]) => (sha256 as Buffer).toString('hex'));
}

/** Requests for which the archive is to be asked now. */
export function priorWishesDue(
  statements: StatementCache,
  now: number,
  limit: number,
): { readonly requestOid: string; readonly attempts: number }[] {
  return statements
    .get(
      'SELECT request_oid, attempts FROM prior_wish WHERE next_attempt_at IS NOT NULL AND next_attempt_at <= ? ORDER BY next_attempt_at LIMIT ?',
    )
    .all(now, limit)
    .map(([requestOid, attempts]) => ({ requestOid: String(requestOid), attempts: Number(attempts) }));
}

export function studyCopy(statements: StatementCache, studyInstanceUid: string): StudyCopy | undefined {
  const row = statements.get(`${COPY} WHERE study_instance_uid = ?`).get(packUid(studyInstanceUid) ?? Buffer.alloc(0));
  return row === undefined ? undefined : copyRow(row);
}

/** Newest first; those that nobody has seen alone, unless `seenToo`. */
export function duplicateHints(
  statements: StatementCache,
  query: {
    readonly patientId?: string;
    readonly requestOid?: string;
    readonly seenToo: boolean;
    readonly limit: number;
  },
): DuplicateHint[] {
  const wanted = [
    ['d.patient_id = ?', query.patientId],
    ['h.request_oid = ?', query.requestOid],
  ] as const;
  const given = wanted.filter(([, value]) => value !== undefined);
  const clauses = [...given.map(([sql]) => sql), ...(query.seenToo ? [] : ['h.seen_at IS NULL'])];
  return statements
    .get(
      `SELECT h.request_oid, d.patient_id, d.examination_code, d.effective_at, h.study_instance_uid, COALESCE(t.study_date, ''),
              COALESCE(t.study_description, ''), h.code_prefix, h.raised_at, h.seen_at
       FROM duplicate_hint h JOIN care_document d ON d.oid = h.request_oid
       LEFT JOIN study t ON t.study_instance_uid = h.study_instance_uid${clauses.length === 0 ? '' : ` WHERE ${clauses.join(' AND ')}`}
       ORDER BY h.raised_at DESC, h.request_oid, h.study_instance_uid LIMIT ?`,
    )
    .all(...given.map(([, value]) => value), query.limit)
    .map((row) => ({
      requestOid: String(row[0]),
      patientId: String(row[1]),
      requestedCode: String(row[2]),
      requestedAt: Number(row[3]),
      studyInstanceUid: unpackUid(row[4] as Buffer),
      studyDate: String(row[5]),
      studyDescription: String(row[6]),
      codePrefix: String(row[7]),
      raisedAt: Number(row[8]),
      seenAt: row[9] === null ? null : Number(row[9]),
    }));
}

function copyRow(row: readonly Cell[]): StudyCopy {
  return {
    studyInstanceUid: unpackUid(row[0] as Buffer),
    source: String(row[1]),
    fetchedAt: Number(row[2]),
    expiresAt: Number(row[3]),
    fetchedFor: String(row[4]),
  };
}
