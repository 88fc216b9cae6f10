import type { SqliteDatabase, SqliteStatement } from '../database.ts';
import type { InstanceProjection } from '../instance-projection.ts';
import { joinedNameKey } from '../person-name-key.ts';
import { STUDY_MARK } from '../study-marks.ts';
import { BoundedMap } from './bounded-map.ts';
import { attributesText, LatestValues } from './latest-values.ts';
import type { DescribedRow } from './latest-values.ts';
import type { LookupTables } from './lookup-tables.ts';

type Series = InstanceProjection['series'];

/** A series row, the marks that it adds to its study, and the other study that has the same Series Instance UID. */
export interface EnsuredSeries {
  readonly id: number;
  readonly isNew: boolean;
  readonly marks: number;
  readonly otherStudies: readonly number[];
}

interface KnownSeries {
  readonly id: number;
  readonly modality: string;
}

const COLUMNS = [
  'series_number',
  'series_description',
  'body_part_examined',
  'laterality',
  'protocol_name',
  'series_date',
  'series_time',
  'step_start_date',
  'step_start_time',
  'step_id',
  'performing_physician',
  'operators_name',
  'equipment_id',
];
const CACHED = 4096;

/** Series rows, unique within their study. */
export class SeriesWriter {
  readonly #lookups: LookupTables;
  readonly #values: LatestValues;
  readonly #find: SqliteStatement;
  readonly #otherStudies: SqliteStatement;
  readonly #insert: SqliteStatement;
  readonly #nameModality: SqliteStatement;
  readonly #clearPerformers: SqliteStatement;
  readonly #insertPerformer: SqliteStatement;
  readonly #clearRequests: SqliteStatement;
  readonly #insertRequest: SqliteStatement;
  readonly #known = new BoundedMap<string, KnownSeries>(CACHED);
  readonly #joined = new BoundedMap<number, string>(CACHED);

  constructor(db: SqliteDatabase, lookups: LookupTables) {
    this.#lookups = lookups;
    this.#values = new LatestValues(db, 'series', COLUMNS);
    this.#find = db.prepare('SELECT id, modality FROM series WHERE series_instance_uid = ? AND study_fk = ?');
    this.#otherStudies = db.prepare('SELECT study_fk FROM series WHERE series_instance_uid = ? AND study_fk <> ?');
    this.#insert = db.prepare(
      `INSERT INTO series (study_fk, series_instance_uid, modality, ${COLUMNS.join(', ')}, attributes, bucket_id)
       VALUES (?, ?, ?, ${COLUMNS.map(() => '?').join(', ')}, ?, ?)`,
    );
    this.#nameModality = db.prepare("UPDATE series SET modality = ? WHERE id = ? AND modality = ''");
    this.#clearPerformers = db.prepare('DELETE FROM series_performer WHERE series_fk = ?');
    this.#insertPerformer = db.prepare('INSERT INTO series_performer (series_fk, ordinal, name_key) VALUES (?, ?, ?)');
    this.#clearRequests = db.prepare('DELETE FROM series_request WHERE series_fk = ?');
    this.#insertRequest = db.prepare(
      `INSERT INTO series_request (series_fk, ordinal, requested_procedure_id, scheduled_procedure_step_id, accession_number, study_instance_uid,
       requested_procedure_description, scheduled_procedure_step_description) VALUES (?, ?, ?, ?, ?, ?, ?, ?)`,
    );
  }

  /** `describes`: whether it is the owner of the study that sends, whose word on a series stands; others may begin one. */
  ensure(series: Series, studyFk: number, bucketId: number, describes: boolean): EnsuredSeries {
    const key = `${studyFk} ${series.uid.toString('latin1')}`;
    const known = this.#known.get(key) ?? this.#lookUp(series.uid, studyFk);
    const row = this.#describe(series);
    if (known === undefined) {
      const values = COLUMNS.map((name) => row.columns[name] ?? null);
      const inserted = this.#insert.run(
        studyFk,
        series.uid,
        series.modality,
        ...values,
        attributesText(row.attributes),
        bucketId,
      );
      const id = Number(inserted.lastInsertRowid);
      this.#values.inserted(id, row);
      this.#known.set(key, { id, modality: series.modality });
      this.#join(id, series);
      const otherStudies = this.#otherStudies.all(series.uid, studyFk).map((other) => Number(other['study_fk']));
      return {
        id,
        isNew: true,
        marks: otherStudies.length === 0 ? 0 : STUDY_MARK.SERIES_IN_SEVERAL_STUDIES,
        otherStudies,
      };
    }
    const modality = known.modality === '' && describes ? series.modality : known.modality;
    if (modality !== known.modality) this.#nameModality.run(modality, known.id);
    this.#known.set(key, { id: known.id, modality });
    if (describes) {
      this.#values.merge(known.id, row);
      this.#join(known.id, series);
    }
    const differs = series.modality !== '' && series.modality !== modality;
    return { id: known.id, isNew: false, marks: differs ? STUDY_MARK.MODALITY_MISMATCH : 0, otherStudies: [] };
  }

  forget(): void {
    this.#known.clear();
    this.#joined.clear();
    this.#values.forget();
  }

  #lookUp(uid: Buffer, studyFk: number): KnownSeries | undefined {
    const row = this.#find.get(uid, studyFk);
    return row === undefined ? undefined : { id: Number(row['id']), modality: String(row['modality']) };
  }

  #describe(series: Series): DescribedRow {
    return {
      columns: { ...series.columns, equipment_id: this.#lookups.equipment(series.equipment) },
      attributes: series.attributes,
    };
  }

  /** Performers and requests of the latest object that names any. */
  #join(id: number, series: Series): void {
    if (series.performers.length === 0 && series.requests.length === 0) return;
    const fingerprint = JSON.stringify([series.performers, series.requests]);
    if (this.#joined.get(id) === fingerprint) return;
    if (series.performers.length > 0) {
      this.#clearPerformers.run(id);
      series.performers.forEach((name, ordinal) => this.#insertPerformer.run(id, ordinal, joinedNameKey(name)));
    }
    if (series.requests.length > 0) {
      this.#clearRequests.run(id);
      series.requests.forEach((request, ordinal) => this.#insertRequest.run(id, ordinal, ...Object.values(request)));
    }
    this.#joined.set(id, fingerprint);
  }
}
