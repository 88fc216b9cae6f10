import type {
  ConflictRow,
  SeriesSummary,
  StatsRow,
  StudyDetail,
  StudyListQuery,
  StudySummary,
  Suspect,
  Totals,
} from '../index-types.ts';
import { inForce } from '../identity/stored-identity.ts';
import { packUid, unpackUid } from '../packed-uid.ts';
import { studyMarks } from '../study-marks.ts';
import type { Cell, StatementCache } from './statement-cache.ts';

const STUDY = `SELECT t.study_instance_uid, p.patient_id, p.issuer, p.name, t.study_date, t.study_time, t.accession_number, t.study_description,
  (SELECT group_concat(m.modality, '\\') FROM study_modality m WHERE m.study_fk = t.id), t.num_series, t.num_instances, t.bytes,
  t.first_received_at, t.last_received_at, b.organisation, t.flags, t.id,
  ${inForce('identity', 't.study_instance_uid')} IS NOT NULL
  FROM study t JOIN patient p ON p.id = t.patient_fk JOIN bucket b ON b.id = t.bucket_id`;

/** Newest first, a page at a time. */
export function listStudies(statements: StatementCache, query: StudyListQuery): StudySummary[] {
  const clauses: string[] = [];
  const values: unknown[] = [];
  const add = (sql: string, value: unknown): void => {
    clauses.push(sql);
    values.push(value);
  };
  if (query.before !== undefined)
    add('t.id < (SELECT z.id FROM study z WHERE z.study_instance_uid = ?)', packUid(query.before) ?? Buffer.alloc(0));
  if (query.patientId !== undefined) add('p.patient_id = ?', query.patientId);
  if (query.accessionNumber !== undefined) add('t.accession_number = ?', query.accessionNumber);
  if (query.studyDateFrom !== undefined) add('t.study_date >= ?', query.studyDateFrom);
  if (query.studyDateTo !== undefined) add("t.study_date <> '' AND t.study_date <= ?", query.studyDateTo);
  if (query.markedOnly === true) clauses.push('t.flags <> 0');
  const where = clauses.length === 0 ? '' : ` WHERE ${clauses.join(' AND ')}`;
  return statements
    .get(`${STUDY}${where} ORDER BY t.id DESC LIMIT ?`)
    .all(...values, query.limit)
    .map(studySummary);
}

export function showStudy(statements: StatementCache, studyInstanceUid: string): StudyDetail | undefined {
  const uid = packUid(studyInstanceUid);
  const row = uid === undefined ? undefined : statements.get(`${STUDY} WHERE t.study_instance_uid = ?`).get(uid);
  if (row === undefined) return undefined;
  const series = statements
    .get(
      'SELECT series_instance_uid, modality, series_number, series_description, num_instances, bytes FROM series WHERE study_fk = ? ORDER BY series_number, id',
    )
    .all(row[16])
    .map((each): SeriesSummary => ({
      seriesInstanceUid: unpackUid(each[0] as Buffer),
      modality: String(each[1]),
      seriesNumber: each[2] === null ? null : Number(each[2]),
      seriesDescription: String(each[3]),
      numberOfInstances: Number(each[4]),
      bytes: Number(each[5]),
    }));
  return { ...studySummary(row), series };
}

/** Kept counts: the cost is the number of organisations, modalities and months, never of studies. */
export function stats(statements: StatementCache): StatsRow[] {
  return statements
    .get(
      'SELECT organisation, modality, month, studies, series, instances, bytes FROM bucket WHERE instances > 0 OR series > 0 OR studies > 0 ORDER BY month, organisation, modality',
    )
    .all()
    .map((row) => ({
      organisation: row[0] === '' ? null : String(row[0]),
      modality: String(row[1]),
      month: `${Math.floor(Number(row[2]) / 100)}-${String(Number(row[2]) % 100).padStart(2, '0')}`,
      studies: Number(row[3]),
      series: Number(row[4]),
      instances: Number(row[5]),
      bytes: Number(row[6]),
    }));
}

/** `patients` is counted over the rows; everything else is kept. */
export function totals(statements: StatementCache): Totals {
  const kept = statements
    .get(
      'SELECT COALESCE(sum(studies), 0), COALESCE(sum(series), 0), COALESCE(sum(instances), 0), COALESCE(sum(bytes), 0) FROM bucket',
    )
    .get();
  const number = (sql: string): number => Number(statements.get(sql).get()?.[0] ?? 0);
  return {
    patients: number('SELECT count(*) FROM patient'),
    studies: Number(kept?.[0]),
    series: Number(kept?.[1]),
    instances: Number(kept?.[2]),
    bytes: Number(kept?.[3]),
    duplicates: number('SELECT duplicates FROM index_state'),
    conflicts: number('SELECT count(*) FROM instance_conflict'),
  };
}

const CONFLICT = `SELECT f.id, f.sop_instance_uid, f.study_instance_uid, f.series_instance_uid, f.sha256, f.size, f.received_at, a.aet, f.organisation,
       f.duplicates, i.id, i.sha256, i.received_at, b.aet FROM instance_conflict f JOIN sender a ON a.id = f.sender_id
       LEFT JOIN instance i ON i.sop_instance_uid = f.sop_instance_uid LEFT JOIN sender b ON b.id = i.sender_id`;

/** Other bytes that came under a SOP Instance UID already there; newest first, ids below `beforeId`. */
export function listConflicts(statements: StatementCache, limit: number, beforeId: number): ConflictRow[] {
  return statements.get(`${CONFLICT} WHERE f.id < ? ORDER BY f.id DESC LIMIT ?`).all(beforeId, limit).map(conflictRow);
}

/** Bytes kept as a conflict of an instance that is gone: nothing serves them. Oldest first. */
export function unservedConflicts(statements: StatementCache): ConflictRow[] {
  return statements.get(`${CONFLICT} WHERE i.id IS NULL ORDER BY f.id`).all().map(conflictRow);
}

function conflictRow(row: readonly Cell[]): ConflictRow {
  return {
    conflictId: Number(row[0]),
    sopInstanceUid: unpackUid(row[1] as Buffer),
    studyInstanceUid: unpackUid(row[2] as Buffer),
    seriesInstanceUid: unpackUid(row[3] as Buffer),
    sha256: hex(row[4]),
    size: Number(row[5]),
    receivedAt: Number(row[6]),
    callingAET: String(row[7]),
    organisation: row[8] === '' ? null : String(row[8]),
    duplicates: Number(row[9]),
    served:
      row[10] === null
        ? undefined
        : {
            instanceId: Number(row[10]),
            sha256: hex(row[11]),
            receivedAt: Number(row[12]),
            callingAET: String(row[13]),
          },
  };
}

/** Instances and conflicts whose file was never reported to be on the disk. */
export function suspects(statements: StatementCache): Suspect[] {
  return statements
    .get(
      `SELECT u.id, i.sha256, i.size FROM undurable u JOIN instance i ON i.id = u.id
       UNION ALL SELECT u.id, f.sha256, f.size FROM undurable u JOIN instance_conflict f ON f.id = u.id ORDER BY 1`,
    )
    .all()
    .map((row) => ({ instanceId: Number(row[0]), sha256: hex(row[1]), size: Number(row[2]) }));
}

/** Which of these objects an instance or a conflict refers to: one that nothing refers to is a stray. */
export function indexedObjects(statements: StatementCache, digests: readonly string[]): ReadonlySet<string> {
  return new Set(digests.filter((sha256) => hasObject(statements, sha256)));
}

function hasObject(statements: StatementCache, sha256: string): boolean {
  const digest = Buffer.from(sha256, 'hex');
  const found = statements.get(
    `SELECT 1 FROM instance WHERE substr(sha256, 1, 4) = ? AND sha256 = ? UNION ALL SELECT 1 FROM instance_conflict WHERE sha256 = ? LIMIT 1`,
  );
  return found.get(digest.subarray(0, 4), digest, digest) !== undefined;
}

function studySummary(row: readonly Cell[]): StudySummary {
  return {
    studyInstanceUid: unpackUid(row[0] as Buffer),
    patientId: String(row[1]),
    issuer: String(row[2]),
    patientName: String(row[3]),
    studyDate: String(row[4]),
    studyTime: String(row[5]),
    accessionNumber: String(row[6]),
    studyDescription: String(row[7]),
    modalities: row[8] === null ? [] : String(row[8]).split('\\'),
    numberOfSeries: Number(row[9]),
    numberOfInstances: Number(row[10]),
    bytes: Number(row[11]),
    firstReceivedAt: Number(row[12]),
    lastReceivedAt: Number(row[13]),
    organisation: row[14] === '' ? null : String(row[14]),
    marks: [...studyMarks(Number(row[15])), ...(row[17] === 1 ? ['IDENTITY_CORRECTED'] : [])],
  };
}

function hex(value: unknown): string {
  return (value as Buffer).toString('hex');
}

export function wasCleanStop(statements: StatementCache): boolean {
  return statements.get('SELECT clean_stop FROM index_state').get()?.[0] === 1;
}
