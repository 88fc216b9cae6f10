import type { SqliteDatabase, SqliteStatement } from '../database.ts';
import type { InstanceProjection } from '../instance-projection.ts';
import { STUDY_MARK } from '../study-marks.ts';
import { BoundedMap } from './bounded-map.ts';
import { attributesText, LatestValues } from './latest-values.ts';
import type { DescribedRow } from './latest-values.ts';
import type { LookupTables } from './lookup-tables.ts';
import type { PatientWriter } from './patient-writer.ts';

/** A study row, and what the incoming object adds to its marks. */
export interface EnsuredStudy {
  readonly id: number;
  readonly isNew: boolean;
  readonly marks: number;
  /** Organisation that sent its first object; '' for none. */
  readonly owner: string;
}

interface KnownStudy {
  readonly id: number;
  readonly patientFk: number;
  readonly patientId: string;
  readonly issuer: string;
  /** That sent its first object; '' for none. */
  readonly organisation: string;
}

/** How an object came. */
interface Arrival {
  readonly organisation: string;
  readonly bucketId: number;
  readonly receivedAt: number;
}

const COLUMNS = [
  'study_date',
  'study_time',
  'study_instant',
  'timezone_offset',
  'accession_number',
  'accession_issuer_id',
  'study_id',
  'study_description',
  'referring_physician',
  'referring_physician_key',
  'institution_name',
  'admission_id',
  'admission_issuer_id',
  'character_set_id',
];
const CACHED = 4096;

/** Study rows: a study belongs to the first patient that its objects name. */
export class StudyWriter {
  readonly #lookups: LookupTables;
  readonly #patients: PatientWriter;
  readonly #values: LatestValues;
  readonly #find: SqliteStatement;
  readonly #findPatient: SqliteStatement;
  readonly #findOrganisation: SqliteStatement;
  readonly #insert: SqliteStatement;
  readonly #move: SqliteStatement;
  readonly #insertCode: SqliteStatement;
  readonly #insertModality: SqliteStatement;
  readonly #insertSopClass: SqliteStatement;
  readonly #known = new BoundedMap<string, KnownStudy>(CACHED);
  readonly #joined = new BoundedMap<string, true>(CACHED);

  constructor(db: SqliteDatabase, lookups: LookupTables, patients: PatientWriter) {
    this.#lookups = lookups;
    this.#patients = patients;
    this.#values = new LatestValues(db, 'study', COLUMNS);
    // Two lookups: as one join they take SQLite three times as long, most of all when there is no such study.
    this.#find = db.prepare('SELECT id, patient_fk, bucket_id FROM study WHERE study_instance_uid = ?');
    this.#findPatient = db.prepare('SELECT patient_id, issuer FROM patient WHERE id = ?');
    this.#findOrganisation = db.prepare('SELECT organisation FROM bucket WHERE id = ?');
    this.#insert = db.prepare(
      `INSERT INTO study (study_instance_uid, patient_fk, ${COLUMNS.join(', ')}, attributes, flags, bucket_id, first_received_at, last_received_at)
       VALUES (?, ?, ${COLUMNS.map(() => '?').join(', ')}, ?, ?, ?, ?, ?)`,
    );
    this.#move = db.prepare('UPDATE study SET patient_fk = ? WHERE id = ?');
    this.#insertCode = db.prepare(
      'INSERT INTO study_procedure_code (study_fk, code_id) VALUES (?, ?) ON CONFLICT (study_fk, code_id) DO NOTHING',
    );
    this.#insertModality = db.prepare(
      'INSERT INTO study_modality (study_fk, modality) VALUES (?, ?) ON CONFLICT (study_fk, modality) DO NOTHING',
    );
    this.#insertSopClass = db.prepare(
      'INSERT INTO study_sop_class (study_fk, sop_class_id) VALUES (?, ?) ON CONFLICT (study_fk, sop_class_id) DO NOTHING',
    );
  }

  ensure(projection: InstanceProjection, sopClassId: number, arrival: Arrival): EnsuredStudy {
    const { organisation, bucketId, receivedAt } = arrival;
    const { study, patient, series } = projection;
    const key = study.uid.toString('latin1');
    const known = this.#known.get(key) ?? this.#lookUp(study.uid);
    const row = this.#describe(study);
    let ensured: EnsuredStudy;
    if (known === undefined) {
      const patientFk = this.#patients.ensure(patient, study.uid, organisation);
      const values = COLUMNS.map((name) => row.columns[name] ?? null);
      const inserted = this.#insert.run(
        study.uid,
        patientFk,
        ...values,
        attributesText(row.attributes),
        study.flags,
        bucketId,
        receivedAt,
        receivedAt,
      );
      ensured = { id: Number(inserted.lastInsertRowid), isNew: true, marks: 0, owner: organisation };
      this.#values.inserted(ensured.id, row);
      const { patientId, issuer } = patient;
      this.#known.set(key, { id: ensured.id, patientFk, patientId, issuer, organisation });
    } else if (known.organisation !== '' && known.organisation !== organisation) {
      // Its patient, date and numbers decide who may see it: whoever adds an object to another's study does not change them.
      this.#known.set(key, known);
      const differs = known.patientId !== '' && patient.patientId !== '' && known.patientId !== patient.patientId;
      const mismatch = differs ? STUDY_MARK.PATIENT_MISMATCH : 0;
      ensured = { id: known.id, isNew: false, marks: study.flags | mismatch, owner: known.organisation };
    } else {
      const settled = this.#settlePatient(known, projection);
      this.#known.set(key, settled.study);
      this.#values.merge(known.id, row);
      ensured = { id: known.id, isNew: false, marks: study.flags | settled.marks, owner: known.organisation };
    }
    this.#join(ensured.id, study, series.modality, sopClassId);
    return ensured;
  }

  forget(): void {
    this.#known.clear();
    this.#joined.clear();
    this.#values.forget();
  }

  /** Which patient the study belongs to after this object: a nameless study takes the first name it is given. */
  #settlePatient(known: KnownStudy, { patient, study }: InstanceProjection): { study: KnownStudy; marks: number } {
    const sameId = known.patientId === patient.patientId;
    if (sameId && (known.issuer === patient.issuer || patient.issuer === '')) {
      this.#patients.update(known.patientFk, patient);
      return { study: known, marks: 0 };
    }
    if (patient.patientId === '') return { study: known, marks: 0 };
    if (known.patientId === '' || (sameId && known.issuer === '')) {
      const patientFk = this.#patients.ensure(patient, study.uid, known.organisation);
      this.#move.run(patientFk, known.id);
      this.#patients.removeUnused(known.patientFk);
      const { patientId, issuer } = patient;
      return { study: { ...known, patientFk, patientId, issuer }, marks: 0 };
    }
    return { study: known, marks: STUDY_MARK.PATIENT_MISMATCH };
  }

  #lookUp(uid: Buffer): KnownStudy | undefined {
    const row = this.#find.get(uid);
    if (row === undefined) return undefined;
    const patient = this.#findPatient.get(row['patient_fk']) ?? {};
    const bucket = this.#findOrganisation.get(row['bucket_id']) ?? {};
    return {
      id: Number(row['id']),
      patientFk: Number(row['patient_fk']),
      patientId: String(patient['patient_id']),
      issuer: String(patient['issuer']),
      organisation: String(bucket['organisation']),
    };
  }

  #describe(study: InstanceProjection['study']): DescribedRow {
    const columns = {
      ...study.columns,
      accession_issuer_id: this.#lookups.issuer(study.accessionIssuer),
      admission_issuer_id: this.#lookups.issuer(study.admissionIssuer),
      character_set_id: this.#lookups.characterSet(study.charset),
    };
    return { columns, attributes: study.attributes };
  }

  #join(id: number, study: InstanceProjection['study'], modality: string, sopClassId: number): void {
    const key = `${id} ${sopClassId} ${modality} ${JSON.stringify(study.procedureCodes)}`;
    if (this.#joined.get(key) !== undefined) return;
    if (modality !== '') this.#insertModality.run(id, modality);
    this.#insertSopClass.run(id, sopClassId);
    for (const code of study.procedureCodes) this.#insertCode.run(id, this.#lookups.code(code));
    this.#joined.set(key, true);
  }
}
