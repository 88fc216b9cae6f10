import type { PatientIdentity } from '../../dicom/patient-identity.ts';
import type { Cell } from '../reader/statement-cache.ts';

/** What is in force of a study: `column` of the correction of the study whose packed UID the expression `study` gives; NULL without one. */
export function inForce(column: 'id' | 'identity', study: string): string {
  return `(SELECT x.${column} FROM identity_correction x WHERE x.study_instance_uid = ${study} AND x.ended_at IS NULL)`;
}

/** Whose an object is told to be; undefined: as it says itself. */
export function identityOf(cell: Cell | undefined): PatientIdentity | undefined {
  return typeof cell === 'string' ? (JSON.parse(cell) as PatientIdentity) : undefined;
}

/** For what is to be told as another patient's. */
export function correctedOf(cell: Cell | undefined): { readonly corrected?: PatientIdentity } {
  const corrected = identityOf(cell);
  return corrected === undefined ? {} : { corrected };
}

export function sameIdentity(a: PatientIdentity, b: PatientIdentity): boolean {
  return identityText(a) === identityText(b);
}

/** One spelling of the same. */
export function identityText({ patientId, issuer, name, birthDate, sex }: PatientIdentity): string {
  return JSON.stringify({ patientId, issuer, name, birthDate, sex });
}
