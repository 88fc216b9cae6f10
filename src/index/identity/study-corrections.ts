import type { PatientIdentity } from '../../dicom/patient-identity.ts';
import { unpackUid } from '../packed-uid.ts';
import type { PatientWriter } from '../writer/patient-writer.ts';
import type { QueueMarks } from '../writer/queue-marks.ts';
import type { SqlRunner } from '../writer/sql-runner.ts';
import { IDENTITY_MARKS } from './identity-of-arrivals.ts';
import { projectIdentity } from './identity-projection.ts';
import type { PatientProjection } from './identity-projection.ts';
import type { IdentifiedStudy } from './identity-types.ts';
import { SentIdentity } from './sent-identity.ts';
import { identityText } from './stored-identity.ts';

/** A study as it is in the index. */
export interface StudyRow {
  readonly id: number;
  readonly uid: Buffer;
  readonly patientFk: number;
  readonly organisation: string;
  readonly flags: number;
}

const STUDY =
  'SELECT t.id, t.study_instance_uid, t.patient_fk, b.organisation, t.flags FROM study t JOIN bucket b ON b.id = t.bucket_id';
// As an object would have told it.
const PATIENT = `SELECT p.patient_id, p.issuer, p.name, p.name_key, p.name_ideographic_key, p.name_phonetic_key, p.birth_date, p.sex, p.attributes,
  u.local_id, u.universal_id, u.universal_type, h.term FROM patient p LEFT JOIN issuer u ON u.id = p.issuer_qualifier_id
  LEFT JOIN character_set h ON h.id = p.character_set_id WHERE p.id = ?`;

/** A row, its JSON as text; `identity` null: who the objects say. */
interface Correction {
  readonly changeId: number;
  readonly identity: string | null;
  readonly before: string;
  readonly marks: number;
  readonly replaces: number | null;
}

/** Gives studies another patient, and takes that back: rows of the index, the correction in force, and what the queue has to look at. */
export class StudyCorrections {
  readonly #sql: SqlRunner;
  readonly #patients: PatientWriter;
  readonly #queue: QueueMarks | undefined;
  readonly #sent: SentIdentity;

  constructor(sql: SqlRunner, patients: PatientWriter, queue: QueueMarks | undefined) {
    this.#sql = sql;
    this.#patients = patients;
    this.#queue = queue;
    this.#sent = new SentIdentity(sql);
  }

  study(uid: Buffer): StudyRow | undefined {
    const row = this.#sql.row(`${STUDY} WHERE t.study_instance_uid = ?`, uid);
    return row === undefined ? undefined : studyRow(row);
  }

  /** Studies of every patient row with this id; `issuer` null: whatever the issuer. */
  studiesOf(patientId: string, issuer: string | null): StudyRow[] {
    return this.#sql
      .rows(
        `${STUDY} JOIN patient p ON p.id = t.patient_fk WHERE p.patient_id = ? AND (p.issuer = ? OR ? IS NULL) ORDER BY t.id`,
        patientId,
        issuer,
        issuer,
      )
      .map(studyRow);
  }

  patientOf(study: StudyRow): PatientProjection {
    const cells = this.#sql.row(PATIENT, study.patientFk) ?? [];
    const [
      id,
      issuer,
      name,
      nameKey,
      ideographic,
      phonetic,
      birthDate,
      sex,
      attributes,
      local,
      universal,
      type,
      charset,
    ] = cells.map((cell) => (cell === null ? '' : String(cell)));
    return {
      patientId: id!,
      issuer: issuer!,
      issuerQualifier:
        local === '' && universal === ''
          ? undefined
          : { localId: local!, universalId: universal!, universalType: type! },
      charset: charset!,
      columns: {
        name: name!,
        name_key: nameKey!,
        name_ideographic_key: ideographic!,
        name_phonetic_key: phonetic!,
        birth_date: birthDate!,
        sex: sex!,
      },
      attributes: attributes === '' ? {} : (JSON.parse(attributes!) as Record<string, string>),
      otherIds: [],
    };
  }

  /** From now on the study is this patient's. */
  correct(study: StudyRow, identity: PatientIdentity, changeId: number, at: number): IdentifiedStudy {
    const before = this.patientOf(study);
    const replaces = this.#end(study.uid, at);
    const marks = study.flags & IDENTITY_MARKS;
    const correction = { changeId, identity: identityText(identity), before: JSON.stringify(before), marks, replaces };
    const correctionId = this.#begin(study.uid, correction, at);
    this.#setMarks(study.id, study.flags & ~IDENTITY_MARKS);
    this.#forgetMarkedInstances(study.id);
    const after = projectIdentity(identity);
    this.#give(study, after, at);
    this.#sent.changed(study.uid, correctionId);
    return this.#identified(study, before, after);
  }

  /**
   * The study is again whose it was before the correction that the change made. What an archive was sent meanwhile has to be corrected there as
   * well; what it had before is as right as it was.
   */
  undo(study: StudyRow, changeId: number, at: number): IdentifiedStudy {
    const taken = this.#correction(
      'change_id = ? AND study_instance_uid = ? AND ended_at IS NULL',
      changeId,
      study.uid,
    )!;
    const now = this.patientOf(study);
    // It may describe the patient as objects did long ago: newer ones have come since.
    const before: PatientProjection = { ...(JSON.parse(taken.before) as PatientProjection), isSaid: true };
    const previous = taken.replaces === null ? undefined : this.#correction('id = ?', taken.replaces);
    this.#end(study.uid, at);
    if (this.#sent.wasNever(study.uid, taken.id)) {
      if (previous !== undefined)
        this.#sql.run('UPDATE identity_correction SET ended_at = NULL WHERE id = ?', previous.id);
      this.#sent.takenBack(study.uid, taken.id, previous?.id ?? null);
    } else {
      const asReceived = { changeId, identity: null, before: JSON.stringify(now), marks: 0, replaces: null };
      this.#sent.changed(study.uid, this.#begin(study.uid, previous ?? asReceived, at));
    }
    this.#setMarks(study.id, study.flags | taken.marks);
    this.#give(study, before, at);
    return this.#identified(study, now, before);
  }

  #correction(where: string, ...values: readonly unknown[]): (Correction & { readonly id: number }) | undefined {
    const row = this.#sql.row(
      `SELECT id, change_id, identity, before, marks, replaces FROM identity_correction WHERE ${where}`,
      ...values,
    );
    if (row === undefined) return undefined;
    const [id, changeId, identity, before, marks, replaces] = row;
    return {
      id: Number(id),
      changeId: Number(changeId),
      identity: identity === null ? null : String(identity),
      before: String(before),
      marks: Number(marks),
      replaces: replaces === null ? null : Number(replaces),
    };
  }

  #begin(uid: Buffer, { changeId, identity, before, marks, replaces }: Correction, at: number): number {
    const row = this.#sql.row(
      `INSERT INTO identity_correction (study_instance_uid, change_id, identity, before, marks, replaces, made_at) VALUES (?, ?, ?, ?, ?, ?, ?)
       RETURNING id`,
      uid,
      changeId,
      identity,
      before,
      marks,
      replaces,
      at,
    );
    return Number(row?.[0]);
  }

  /** The correction that was in force; null when none was. */
  #end(uid: Buffer, at: number): number | null {
    const row = this.#sql.row(
      'UPDATE identity_correction SET ended_at = ? WHERE study_instance_uid = ? AND ended_at IS NULL RETURNING id',
      at,
      uid,
    );
    return row === undefined ? null : Number(row[0]);
  }

  #give(study: StudyRow, patient: PatientProjection, at: number): void {
    const patientFk = this.#patients.ensure(patient, study.uid, study.organisation);
    this.#sql.run('UPDATE study SET patient_fk = ? WHERE id = ?', patientFk, study.id);
    if (patientFk !== study.patientFk) this.#patients.removeUnused(study.patientFk);
    this.#queue?.mark(study.id, study.uid, at);
    // Whether its care documents name the same patient is another question now.
    this.#sql.run('INSERT OR IGNORE INTO document_outbox VALUES (?)', study.uid);
  }

  #setMarks(studyId: number, flags: number): void {
    this.#sql.run('UPDATE study SET flags = ? WHERE id = ?', flags, studyId);
  }

  #forgetMarkedInstances(studyId: number): void {
    this.#sql.run('UPDATE marked_instance SET marks = marks & ~? WHERE study_fk = ?', IDENTITY_MARKS, studyId);
    this.#sql.run('DELETE FROM marked_instance WHERE study_fk = ? AND marks = 0', studyId);
  }

  #identified(study: StudyRow, before: PatientProjection, after: PatientProjection): IdentifiedStudy {
    return {
      studyInstanceUid: unpackUid(study.uid),
      organisation: study.organisation === '' ? null : study.organisation,
      before: { patientId: before.patientId, issuer: before.issuer },
      after: { patientId: after.patientId, issuer: after.issuer },
      isSentAsOther: this.#sent.isAsOther(study.uid),
    };
  }
}

function studyRow([id, uid, patientFk, organisation, flags]: readonly unknown[]): StudyRow {
  return {
    id: Number(id),
    uid: uid as Buffer,
    patientFk: Number(patientFk),
    organisation: String(organisation),
    flags: Number(flags),
  };
}
