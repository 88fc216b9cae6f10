import type { SqliteDatabase } from '../database.ts';

/** Every kept count that differs from a count of the rows; [] when all are right. */
export function wrongCounts(db: SqliteDatabase): unknown[] {
  const buckets = db
    .prepare(
      `SELECT * FROM (SELECT b.id, b.studies, b.series, b.instances, b.bytes,
         (SELECT count(*) FROM study t WHERE t.bucket_id = b.id) AS real_studies,
         (SELECT count(*) FROM series s WHERE s.bucket_id = b.id) AS real_series,
         (SELECT count(*) FROM instance i WHERE i.bucket_id = b.id) AS real_instances,
         (SELECT COALESCE(sum(i.size), 0) FROM instance i WHERE i.bucket_id = b.id) AS real_bytes FROM bucket b)
       WHERE studies <> real_studies OR series <> real_series OR instances <> real_instances OR bytes <> real_bytes`,
    )
    .all();
  const series = db
    .prepare(
      `SELECT * FROM (SELECT s.id, s.num_instances, s.bytes, (SELECT count(*) FROM instance i WHERE i.series_fk = s.id) AS real_instances,
         (SELECT COALESCE(sum(i.size), 0) FROM instance i WHERE i.series_fk = s.id) AS real_bytes FROM series s)
       WHERE num_instances <> real_instances OR bytes <> real_bytes OR num_instances = 0`,
    )
    .all();
  const studies = db
    .prepare(
      `SELECT * FROM (SELECT t.id, t.num_series, t.num_instances, t.bytes, (SELECT count(*) FROM series s WHERE s.study_fk = t.id) AS real_series,
         (SELECT COALESCE(sum(s.num_instances), 0) FROM series s WHERE s.study_fk = t.id) AS real_instances,
         (SELECT COALESCE(sum(s.bytes), 0) FROM series s WHERE s.study_fk = t.id) AS real_bytes FROM study t)
       WHERE num_series <> real_series OR num_instances <> real_instances OR bytes <> real_bytes OR num_series = 0`,
    )
    .all();
  const idle = db
    .prepare(
      'SELECT p.id AS idle_patient FROM patient p WHERE NOT EXISTS (SELECT 1 FROM study t WHERE t.patient_fk = p.id)',
    )
    .all();
  const classes = db
    .prepare(
      `SELECT study_fk, sop_class_id FROM study_sop_class
       EXCEPT SELECT s.study_fk, i.sop_class_id FROM instance i JOIN series s ON s.id = i.series_fk`,
    )
    .all();
  const missing = db
    .prepare(
      `SELECT s.study_fk, i.sop_class_id AS missing_class FROM instance i JOIN series s ON s.id = i.series_fk
       EXCEPT SELECT study_fk, sop_class_id FROM study_sop_class`,
    )
    .all();
  return [...buckets, ...series, ...studies, ...idle, ...classes, ...missing];
}
