import type { SqliteDatabase, SqliteStatement } from '../database.ts';
import type { InstanceProjection } from '../instance-projection.ts';
import { BoundedMap } from './bounded-map.ts';
import { attributesText, LatestValues } from './latest-values.ts';
import type { DescribedRow } from './latest-values.ts';
import type { LookupTables } from './lookup-tables.ts';

type Patient = InstanceProjection['patient'];

const COLUMNS = [
  'issuer_qualifier_id',
  'name',
  'name_key',
  'name_ideographic_key',
  'name_phonetic_key',
  'birth_date',
  'sex',
  'character_set_id',
];
const WITH_ALL = Buffer.alloc(0);
const CACHED = 4096;

/**
 * Patient rows: identity is Patient ID with its issuer; without a Patient ID every study has its own. `apart`: every organisation has its own
 * as well, which only its objects describe.
 */
export class PatientWriter {
  readonly #lookups: LookupTables;
  readonly #apart: boolean;
  readonly #values: LatestValues;
  readonly #find: SqliteStatement;
  readonly #insert: SqliteStatement;
  readonly #insertOtherId: SqliteStatement;
  readonly #removeOtherIds: SqliteStatement;
  readonly #removeUnused: SqliteStatement;
  readonly #ids = new BoundedMap<string, number>(CACHED);
  readonly #otherIds = new BoundedMap<number, string>(CACHED);

  constructor(db: SqliteDatabase, lookups: LookupTables, apart: boolean) {
    this.#lookups = lookups;
    this.#apart = apart;
    this.#values = new LatestValues(db, 'patient', COLUMNS);
    this.#find = db.prepare('SELECT id FROM patient WHERE patient_id = ? AND issuer = ? AND apart = ?');
    this.#insert = db.prepare(
      `INSERT INTO patient (patient_id, issuer, apart, ${COLUMNS.join(', ')}, attributes)
       VALUES (?, ?, ?, ${COLUMNS.map(() => '?').join(', ')}, ?)`,
    );
    this.#insertOtherId = db.prepare(
      'INSERT INTO patient_other_id (patient_fk, other_id, issuer, type) VALUES (?, ?, ?, ?) ON CONFLICT (patient_fk, other_id, issuer) DO NOTHING',
    );
    this.#removeOtherIds = db.prepare(
      'DELETE FROM patient_other_id WHERE patient_fk = ? AND NOT EXISTS (SELECT 1 FROM study WHERE study.patient_fk = patient_other_id.patient_fk)',
    );
    this.#removeUnused = db.prepare(
      'DELETE FROM patient WHERE id = ? AND NOT EXISTS (SELECT 1 FROM study WHERE study.patient_fk = patient.id)',
    );
  }

  /** The row of this patient, made or brought up to date. `organisation`: whose study it is for. */
  ensure(patient: Patient, studyUid: Buffer, organisation: string): number {
    const whose = this.#apart ? Buffer.from(organisation) : WITH_ALL;
    const apart = patient.patientId === '' ? studyUid : whose;
    const key = `${patient.patientId}\u0000${patient.issuer}\u0000${apart.toString('latin1')}`;
    const known = this.#ids.get(key) ?? this.#lookUp(patient, apart);
    if (known !== undefined) {
      this.#ids.set(key, known);
      this.update(known, patient);
      return known;
    }
    const row = this.#describe(patient);
    const values = COLUMNS.map((name) => row.columns[name] ?? null);
    const inserted = this.#insert.run(
      patient.patientId,
      patient.issuer,
      apart,
      ...values,
      attributesText(row.attributes),
    );
    const id = Number(inserted.lastInsertRowid);
    this.#values.inserted(id, row);
    this.#addOtherIds(id, patient);
    this.#ids.set(key, id);
    return id;
  }

  update(id: number, patient: Patient): void {
    if (patient.isSaid === true) return;
    this.#values.merge(id, this.#describe(patient));
    this.#addOtherIds(id, patient);
  }

  /** Removes the patient when no study is left. */
  removeUnused(id: number): void {
    this.#removeOtherIds.run(id);
    if (this.#removeUnused.run(id).changes > 0) this.forget();
  }

  forget(): void {
    this.#ids.clear();
    this.#otherIds.clear();
    this.#values.forget();
  }

  #lookUp(patient: Patient, apart: Buffer): number | undefined {
    const row = this.#find.get(patient.patientId, patient.issuer, apart);
    return row === undefined ? undefined : Number(row['id']);
  }

  #describe(patient: Patient): DescribedRow {
    const columns = {
      ...patient.columns,
      issuer_qualifier_id: this.#lookups.issuer(patient.issuerQualifier),
      character_set_id: this.#lookups.characterSet(patient.charset),
    };
    return { columns, attributes: patient.attributes };
  }

  #addOtherIds(id: number, patient: Patient): void {
    if (patient.otherIds.length === 0) return;
    const fingerprint = JSON.stringify(patient.otherIds);
    if (this.#otherIds.get(id) === fingerprint) return;
    for (const other of patient.otherIds) this.#insertOtherId.run(id, other.id, other.issuer, other.type);
    this.#otherIds.set(id, fingerprint);
  }
}
