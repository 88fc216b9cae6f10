import type { SqliteDatabase, SqliteStatement } from '../database.ts';
import type { DropResult } from '../index-types.ts';
import type { RejectionWriter } from '../rejections/rejection-writer.ts';
import type { InstanceIds } from './instance-ids.ts';
import type { KeptCounts } from './kept-counts.ts';
import type { MarkedInstances } from './marked-instances.ts';
import type { PatientWriter } from './patient-writer.ts';

const NONE = { studies: 0, series: 0, instances: 0, bytes: 0 };

/** What is left in the caches after a drop would be wrong. */
export interface DropperParts {
  readonly ids: InstanceIds;
  readonly counts: KeptCounts;
  readonly patients: PatientWriter;
  readonly marked: MarkedInstances;
  readonly rejections: RejectionWriter;
  readonly forgetCaches: () => void;
}

/** Removes one instance or conflict and everything that existed only because of it; kept counts follow. */
export class InstanceDropper {
  readonly #db: SqliteDatabase;
  readonly #parts: DropperParts;
  readonly #find: SqliteStatement;

  constructor(db: SqliteDatabase, parts: DropperParts) {
    this.#db = db;
    this.#parts = parts;
    this.#find = db.prepare(
      `SELECT i.sop_instance_uid, i.sop_class_id, i.size, i.bucket_id, s.id AS series_fk, s.modality, s.num_instances AS in_series,
       s.bucket_id AS series_bucket, t.id AS study_fk, t.num_series AS in_study, t.bucket_id AS study_bucket, t.patient_fk
       FROM instance i JOIN series s ON s.id = i.series_fk JOIN study t ON t.id = s.study_fk WHERE i.id = ?`,
    );
  }

  drop(id: number): DropResult {
    this.#parts.counts.flush();
    this.#parts.ids.keepLast();
    this.#run('DELETE FROM undurable WHERE id = ?', id);
    const row = this.#find.get(id);
    if (row === undefined) {
      return { dropped: this.#run('DELETE FROM instance_conflict WHERE id = ?', id) > 0, orphans: [] };
    }
    const [seriesFk, studyFk, size] = [Number(row['series_fk']), Number(row['study_fk']), Number(row['size'])];
    this.#parts.rejections.show({ id, seriesFk, studyFk });
    this.#parts.marked.drop(id);
    this.#run('DELETE FROM instance WHERE id = ?', id);
    this.#parts.rejections.dropNote(row['sop_instance_uid'] as Buffer);
    this.#run('UPDATE series SET num_instances = num_instances - 1, bytes = bytes - ? WHERE id = ?', size, seriesFk);
    this.#run('UPDATE study SET num_instances = num_instances - 1, bytes = bytes - ? WHERE id = ?', size, studyFk);
    this.#parts.counts.addToBucket(Number(row['bucket_id']), { ...NONE, instances: -1, bytes: -size });
    if (row['in_series'] === 1) this.#dropSeries(seriesFk, studyFk, row);
    if (row['in_series'] === 1 && row['in_study'] === 1) this.#dropStudy(studyFk, row);
    else this.#dropSopClass(studyFk, row['sop_class_id']);
    this.#parts.counts.flush();
    this.#parts.forgetCaches();
    return { dropped: true, orphans: this.#orphans(row['sop_instance_uid']) };
  }

  #dropSeries(seriesFk: number, studyFk: number, row: Record<string, unknown>): void {
    this.#run('DELETE FROM series_performer WHERE series_fk = ?', seriesFk);
    this.#run('DELETE FROM series_request WHERE series_fk = ?', seriesFk);
    this.#run('DELETE FROM series WHERE id = ?', seriesFk);
    this.#run('UPDATE study SET num_series = num_series - 1 WHERE id = ?', studyFk);
    this.#run(
      'DELETE FROM study_modality WHERE study_fk = ? AND modality = ? AND NOT EXISTS (SELECT 1 FROM series s WHERE s.study_fk = ? AND s.modality = ?)',
      studyFk,
      row['modality'],
      studyFk,
      row['modality'],
    );
    this.#parts.counts.addToBucket(Number(row['series_bucket']), { ...NONE, series: -1 });
  }

  #dropStudy(studyFk: number, row: Record<string, unknown>): void {
    for (const table of ['study_modality', 'study_sop_class', 'study_procedure_code'])
      this.#run(`DELETE FROM ${table} WHERE study_fk = ?`, studyFk);
    this.#parts.marked.dropStudy(studyFk);
    this.#run('DELETE FROM study WHERE id = ?', studyFk);
    this.#parts.counts.addToBucket(Number(row['study_bucket']), { ...NONE, studies: -1 });
    this.#parts.patients.removeUnused(Number(row['patient_fk']));
  }

  #dropSopClass(studyFk: number, sopClassId: unknown): void {
    this.#run(
      `DELETE FROM study_sop_class WHERE study_fk = ? AND sop_class_id = ? AND NOT EXISTS
       (SELECT 1 FROM instance i JOIN series s ON s.id = i.series_fk WHERE s.study_fk = ? AND i.sop_class_id = ?)`,
      studyFk,
      sopClassId,
      studyFk,
      sopClassId,
    );
  }

  /** The conflict rows stay until one of them has been added again as an instance. */
  #orphans(sopUid: unknown): DropResult['orphans'] {
    return this.#db
      .prepare<[unknown], { sha256: Buffer; size: number }>(
        'SELECT sha256, size FROM instance_conflict WHERE sop_instance_uid = ? ORDER BY id',
      )
      .all(sopUid)
      .map((conflict) => ({ sha256: conflict.sha256.toString('hex'), size: conflict.size }));
  }

  #run(sql: string, ...values: unknown[]): number {
    return this.#db.prepare(sql).run(...values).changes;
  }
}
