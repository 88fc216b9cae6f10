import type { StatementCache } from '../reader/statement-cache.ts';

/** A stored dose report, and what its study says of the examination. */
export interface DoseReportRow {
  readonly sha256: string;
  readonly size: number;
  readonly organisation: string | null;
  /** Names the study within one reading, and nothing outside of it. */
  readonly studyId: number;
  /** YYYYMMDD, '' when the objects do not say. */
  readonly studyDate: string;
  readonly studyDescription: string;
}

/** SOP classes of dose reports (PS3.4 B.5): X-Ray Radiation Dose SR, and Enhanced. */
const SOP_CLASSES = ['1.2.840.10008.5.1.4.1.1.88.67', '1.2.840.10008.5.1.4.1.1.88.76'];

/**
 * Dose reports among the instances received after id `after`, at most `span` ids on, so that a large archive is read in steps. What rejection
 * notes hide, copies of other archives' studies and files that were given up are left out.
 */
export function doseReports(
  statements: StatementCache,
  after: number,
  span: number,
): { readonly rows: DoseReportRow[]; readonly last: number; readonly newest: number } {
  const newest = Number(statements.get('SELECT COALESCE(max(id), 0) FROM instance').get()?.[0] ?? 0);
  const last = Math.min(newest, after + span);
  const rows = statements
    .get(
      `SELECT i.sha256, i.size, b.organisation, t.id, t.study_date, t.study_description
       FROM instance i JOIN series s ON s.id = i.series_fk JOIN study t ON t.id = s.study_fk JOIN bucket b ON b.id = t.bucket_id
       WHERE i.id > ? AND i.id <= ? AND i.sop_class_id IN (SELECT id FROM sop_class WHERE uid IN (?, ?))
         AND NOT EXISTS (SELECT 1 FROM hidden_instance h WHERE h.id = i.id)
         AND NOT EXISTS (SELECT 1 FROM study_copy c WHERE c.study_instance_uid = t.study_instance_uid)
         AND NOT EXISTS (SELECT 1 FROM evicted_instance e WHERE e.sop_instance_uid = i.sop_instance_uid)
       ORDER BY i.id`,
    )
    .all(after, last, ...SOP_CLASSES)
    .map((row) => ({
      sha256: (row[0] as Buffer).toString('hex'),
      size: Number(row[1]),
      organisation: row[2] === '' || row[2] === null ? null : String(row[2]),
      studyId: Number(row[3]),
      studyDate: String(row[4] ?? ''),
      studyDescription: String(row[5] ?? ''),
    }));
  return { rows, last, newest };
}
