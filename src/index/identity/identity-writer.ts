import type { PatientIdentity } from '../../dicom/patient-identity.ts';
import { IndexError } from '../index-errors.ts';
import { packUid, unpackUid } from '../packed-uid.ts';
import type { PatientWriter } from '../writer/patient-writer.ts';
import type { QueueMarks } from '../writer/queue-marks.ts';
import type { SqlRunner } from '../writer/sql-runner.ts';
import { IdentityOfArrivals } from './identity-of-arrivals.ts';
import type { IdentityOutcome, NewIdentityChange } from './identity-types.ts';
import { identityOf, identityText, sameIdentity } from './stored-identity.ts';
import { StudyCorrections } from './study-corrections.ts';
import type { StudyRow } from './study-corrections.ts';

/** Takes down whose studies are whose. Each change is one transaction: rows, corrections, and marks for the queue. */
export class IdentityWriter {
  readonly #sql: SqlRunner;
  readonly #corrections: StudyCorrections;
  readonly #arrivals: IdentityOfArrivals;

  constructor(sql: SqlRunner, patients: PatientWriter, queue: QueueMarks | undefined) {
    this.#sql = sql;
    this.#corrections = new StudyCorrections(sql, patients, queue);
    this.#arrivals = new IdentityOfArrivals(sql);
  }

  /** @throws IndexError IDENTITY_NO_STUDY, IDENTITY_COPY, IDENTITY_SAME, IDENTITY_RETIRED, IDENTITY_ALREADY_MERGED */
  change(change: NewIdentityChange): IdentityOutcome {
    const { identity } = change;
    if (identity.patientId === '')
      throw new IndexError('IDENTITY_SAME', 'The patient that it shall be has no Patient ID.');
    const heir = this.#arrivals.retired(identity);
    if (heir !== undefined) {
      const message = `The Patient ID ${identity.patientId} was itself merged into ${heir.identity.patientId} (change ${heir.changeId}).`;
      throw new IndexError('IDENTITY_RETIRED', message);
    }
    return change.kind === 'move' ? this.#move(change) : this.#merge(change);
  }

  /** @throws IndexError IDENTITY_NO_CHANGE, IDENTITY_UNDONE, IDENTITY_SUPERSEDED */
  undo(changeId: number, actor: string, at: number): IdentityOutcome {
    const row = this.#sql.row('SELECT undone_at FROM identity_change WHERE id = ?', changeId);
    if (row === undefined) throw new IndexError('IDENTITY_NO_CHANGE', `There is no change of identity ${changeId}.`);
    if (row[0] !== null)
      throw new IndexError('IDENTITY_UNDONE', `The change of identity ${changeId} is undone already.`);
    const later = this.#sql.row(
      `SELECT y.change_id, x.study_instance_uid FROM identity_correction x JOIN identity_correction y ON y.study_instance_uid = x.study_instance_uid
       AND y.ended_at IS NULL AND y.id > x.id AND y.change_id <> x.change_id WHERE x.change_id = ? LIMIT 1`,
      changeId,
    );
    if (later !== undefined) {
      const message = `The study ${unpackUid(later[1] as Buffer)} was given another patient since: undo change ${String(later[0])} first.`;
      throw new IndexError('IDENTITY_SUPERSEDED', message);
    }
    const uids = this.#sql.rows(
      'SELECT study_instance_uid FROM identity_correction WHERE change_id = ? AND ended_at IS NULL ORDER BY id',
      changeId,
    );
    this.#sql.run('UPDATE identity_change SET undone_at = ?, undone_by = ? WHERE id = ?', at, actor, changeId);
    const studies = uids
      .map(([uid]) => this.#corrections.study(uid as Buffer))
      .filter((study) => study !== undefined)
      .map((study) => this.#corrections.undo(study, changeId, at));
    return { changeId, isRepeat: false, studies };
  }

  #move(change: NewIdentityChange & { kind: 'move' }): IdentityOutcome {
    const { studyInstanceUid, identity, at } = change;
    const uid = packUid(studyInstanceUid);
    const study = uid === undefined ? undefined : this.#corrections.study(uid);
    if (study === undefined) throw new IndexError('IDENTITY_NO_STUDY', `There is no study ${studyInstanceUid} here.`);
    this.#refuseCopy(study);
    const now = this.#corrections.patientOf(study);
    if (sameIdentity(identity, identityFrom(now)))
      throw new IndexError('IDENTITY_SAME', `The study ${studyInstanceUid} is this patient's already.`);
    const changeId = this.#note(change, now.patientId, now.issuer);
    return { changeId, isRepeat: false, studies: [this.#corrections.correct(study, identity, changeId, at)] };
  }

  #merge(change: NewIdentityChange & { kind: 'merge' }): IdentityOutcome {
    const { patientId, issuer, identity, at } = change;
    if (patientId === '' || (patientId === identity.patientId && (issuer === null || issuer === identity.issuer)))
      throw new IndexError('IDENTITY_SAME', 'A Patient ID cannot be merged into itself.');
    const known = this.#sql.row(
      `SELECT id, identity FROM identity_change WHERE kind = 'merge' AND undone_at IS NULL AND from_patient_id = ? AND from_issuer IS ?`,
      patientId,
      issuer,
    );
    const into = identityOf(known?.[1]);
    if (into !== undefined && (into.patientId !== identity.patientId || into.issuer !== identity.issuer)) {
      const message = `The Patient ID ${patientId} was merged into ${into.patientId} before: undo change ${String(known?.[0])} first.`;
      throw new IndexError('IDENTITY_ALREADY_MERGED', message);
    }
    const changeId = known === undefined ? this.#note(change, patientId, issuer) : Number(known[0]);
    const studies = this.#corrections
      .studiesOf(patientId, issuer)
      .filter((study) => !this.#isCopy(study) && !this.#isOf(study, identity))
      .map((study) => this.#corrections.correct(study, identity, changeId, at));
    return { changeId, isRepeat: known !== undefined, studies };
  }

  #note(change: NewIdentityChange, fromPatientId: string, fromIssuer: string | null): number {
    const { kind, identity, reason, actor, at } = change;
    const row = this.#sql.row(
      `INSERT INTO identity_change (kind, from_patient_id, from_issuer, identity, reason, actor, at) VALUES (?, ?, ?, ?, ?, ?, ?) RETURNING id`,
      kind,
      fromPatientId,
      fromIssuer,
      identityText(identity),
      reason,
      actor,
      at,
    );
    return Number(row?.[0]);
  }

  #isOf(study: StudyRow, { patientId, issuer }: PatientIdentity): boolean {
    const now = this.#corrections.patientOf(study);
    return now.patientId === patientId && now.issuer === issuer;
  }

  #isCopy({ uid }: StudyRow): boolean {
    return this.#sql.row('SELECT 1 FROM study_copy WHERE study_instance_uid = ?', uid) !== undefined;
  }

  #refuseCopy(study: StudyRow): void {
    if (this.#isCopy(study))
      throw new IndexError(
        'IDENTITY_COPY',
        `The study ${unpackUid(study.uid)} is a copy of the archive's: it is corrected there, and expires here.`,
      );
  }
}

function identityFrom({ patientId, issuer, columns }: ReturnType<StudyCorrections['patientOf']>): PatientIdentity {
  const { name, birth_date: birthDate, sex } = columns;
  return { patientId, issuer, name: String(name), birthDate: String(birthDate), sex: String(sex) };
}
