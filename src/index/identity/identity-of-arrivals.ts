import type { PatientIdentity } from '../../dicom/patient-identity.ts';
import type { InstanceProjection } from '../instance-projection.ts';
import { STUDY_MARK } from '../study-marks.ts';
import type { SqlRunner } from '../writer/sql-runner.ts';
import { projectIdentity } from './identity-projection.ts';
import type { PatientProjection } from './identity-projection.ts';
import { identityOf } from './stored-identity.ts';

/** Marks that say something of the Patient ID of objects: what an administrator has settled by saying whose the study is. */
export const IDENTITY_MARKS = STUDY_MARK.PATIENT_ID_MISSING | STUDY_MARK.PATIENT_ID_ODD | STUDY_MARK.PATIENT_MISMATCH;

const MAX_CHAIN = 64;

interface Correction {
  readonly identity: PatientIdentity;
  /** Patient ID that the study had before. */
  readonly before: string;
}

/** A merge that has retired an id, and who the patient is by the last of those that followed from it. */
interface Retirement {
  readonly changeId: number;
  readonly identity: PatientIdentity;
}

/** Gives what arrives the patient that somebody has said it to be. Costs nothing while nobody has. */
export class IdentityOfArrivals {
  readonly #sql: SqlRunner;
  #isUsed: boolean | undefined;

  constructor(sql: SqlRunner) {
    this.#sql = sql;
  }

  /** A new object, before it is added: with the patient that its study has been given; or that of its id, when that has been retired. */
  settle(projection: InstanceProjection, receivedAt: number): InstanceProjection {
    this.#isUsed ??= this.#sql.row('SELECT 1 FROM identity_change WHERE undone_at IS NULL LIMIT 1') !== undefined;
    if (!this.#isUsed) return projection;
    const { patient, study } = projection;
    const correction = this.#correction(study.uid);
    if (correction !== undefined) {
      const known = [correction.before, correction.identity.patientId, ''].includes(patient.patientId);
      const isOther = !known && this.retired(patient)?.identity.patientId !== correction.identity.patientId;
      return this.#as(correction.identity, projection, isOther ? STUDY_MARK.PATIENT_MISMATCH : 0);
    }
    if (patient.patientId === '' || this.#isKnown(study.uid)) return projection;
    const retirement = this.retired(patient);
    if (retirement === undefined) return projection;
    this.#sql.run(
      'INSERT INTO identity_correction (study_instance_uid, change_id, identity, before, marks, made_at) VALUES (?, ?, ?, ?, ?, ?)',
      study.uid,
      retirement.changeId,
      JSON.stringify(retirement.identity),
      JSON.stringify(patient),
      study.flags,
      receivedAt,
    );
    return this.#as(retirement.identity, projection, 0);
  }

  /** Of an id that has been merged into another, the merge and the identity that holds now. */
  retired({ patientId, issuer }: Pick<PatientProjection, 'patientId' | 'issuer'>): Retirement | undefined {
    let found: Retirement | undefined;
    let [id, from] = [patientId, issuer];
    for (let step = 0; step < MAX_CHAIN; step += 1) {
      const row = this.#sql.row(
        `SELECT id, identity FROM identity_change WHERE kind = 'merge' AND undone_at IS NULL AND from_patient_id = ?
         AND (from_issuer = ? OR from_issuer IS NULL) ORDER BY id DESC LIMIT 1`,
        id,
        from,
      );
      if (row === undefined) return found;
      found = { changeId: Number(row[0]), identity: identityOf(row[1])! };
      [id, from] = [found.identity.patientId, found.identity.issuer];
    }
    return found;
  }

  /** After a rollback, or when another connection may have said something. */
  forget(): void {
    this.#isUsed = undefined;
  }

  #as(identity: PatientIdentity, projection: InstanceProjection, marks: number): InstanceProjection {
    const flags = (projection.study.flags & ~IDENTITY_MARKS) | marks;
    return {
      ...projection,
      patient: { ...projectIdentity(identity), isSaid: true },
      study: { ...projection.study, flags },
    };
  }

  #correction(studyUid: Buffer): Correction | undefined {
    const row = this.#sql.row(
      `SELECT identity, json_extract(before, '$.patientId') FROM identity_correction WHERE study_instance_uid = ? AND ended_at IS NULL`,
      studyUid,
    );
    const identity = identityOf(row?.[0]);
    return identity === undefined ? undefined : { identity, before: String(row?.[1]) };
  }

  #isKnown(studyUid: Buffer): boolean {
    return this.#sql.row('SELECT 1 FROM study WHERE study_instance_uid = ?', studyUid) !== undefined;
  }
}
