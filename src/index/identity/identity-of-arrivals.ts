import type { PatientIdentity } from '../../dicom/patient-identity.ts';
import type { InstanceProjection } from '../instance-projection.ts';
import { STUDY_MARK } from '../study-marks.ts';
import type { SqlRunner } from '../writer/sql-runner.ts';
import { projectIdentity } from './identity-projection.ts';
import type { PatientProjection } from './identity-projection.ts';
import { identityOf, identityText, inForce } from './stored-identity.ts';

/** Marks that say something of the Patient ID of objects: what an administrator has settled by saying whose the study is. */
export const IDENTITY_MARKS = STUDY_MARK.PATIENT_ID_MISSING | STUDY_MARK.PATIENT_ID_ODD | STUDY_MARK.PATIENT_MISMATCH;

const MAX_CHAIN = 64;

/** A merge that has retired an id, and who the patient is by it. */
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
    const given = identityOf(this.#sql.row(`SELECT ${inForce('identity', '?')}`, study.uid)?.[0]);
    if (given !== undefined)
      return this.#as(given, projection, this.#isOther(projection, given) ? STUDY_MARK.PATIENT_MISMATCH : 0);
    if (patient.patientId === '' || this.#isKnown(study.uid)) return projection;
    const merges = this.#merges(patient);
    const last = merges.at(-1);
    if (last === undefined) return projection;
    // One after the other, as if the study had been here when they were made: each can be taken back.
    let [before, replaces]: [PatientProjection, number | null] = [patient, null];
    for (const { changeId, identity } of merges) {
      const marks = replaces === null ? study.flags : 0;
      replaces = this.#insert(study.uid, [changeId, identityText(identity), JSON.stringify(before), marks, replaces], {
        at: receivedAt,
        isLast: identity === last.identity,
      });
      before = projectIdentity(identity);
    }
    return this.#as(last.identity, projection, 0);
  }

  /** Of an id that has been merged into another, the last of the merges that followed from it. */
  retired(patient: Pick<PatientProjection, 'patientId' | 'issuer'>): Retirement | undefined {
    return this.#merges(patient).at(-1);
  }

  #merges({ patientId, issuer }: Pick<PatientProjection, 'patientId' | 'issuer'>): Retirement[] {
    const merges: Retirement[] = [];
    let [id, from] = [patientId, issuer];
    while (merges.length < MAX_CHAIN) {
      const row = this.#sql.row(
        `SELECT id, identity FROM identity_change WHERE kind = 'merge' AND undone_at IS NULL AND from_patient_id = ?
         AND (from_issuer = ? OR from_issuer IS NULL) ORDER BY id DESC LIMIT 1`,
        id,
        from,
      );
      if (row === undefined) break;
      const identity = identityOf(row[1])!;
      merges.push({ changeId: Number(row[0]), identity });
      [id, from] = [identity.patientId, identity.issuer];
    }
    return merges;
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

  /** Whether the object names somebody who the study's patient is not and, as far as has been said, never was. */
  #isOther({ patient, study }: InstanceProjection, given: PatientIdentity): boolean {
    if (patient.patientId === '' || patient.patientId === given.patientId) return false;
    const was = this.#sql.row(
      `SELECT 1 FROM identity_correction WHERE study_instance_uid = ? AND json_extract(before, '$.patientId') = ? LIMIT 1`,
      study.uid,
      patient.patientId,
    );
    return was === undefined && this.retired(patient)?.identity.patientId !== given.patientId;
  }

  #insert(studyUid: Buffer, values: readonly unknown[], { at, isLast }: { at: number; isLast: boolean }): number {
    const row = this.#sql.row(
      `INSERT INTO identity_correction (study_instance_uid, change_id, identity, before, marks, replaces, made_at, ended_at)
       VALUES (?, ?, ?, ?, ?, ?, ?, ?) RETURNING id`,
      studyUid,
      ...values,
      at,
      isLast ? null : at,
    );
    return Number(row?.[0]);
  }

  #isKnown(studyUid: Buffer): boolean {
    return this.#sql.row('SELECT 1 FROM study WHERE study_instance_uid = ?', studyUid) !== undefined;
  }
}
