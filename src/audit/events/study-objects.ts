import { ID_TYPE } from '../audit-codes-table.ts';
import type { AuditObject } from '../audit-message.ts';

/** What was moved, seen or removed of one study. */
export interface AuditedStudy {
  readonly studyInstanceUid: string;
  /** '' when it was not known. */
  readonly patientId: string;
  readonly sopClasses: readonly { readonly uid: string; readonly instances: number }[];
}

/** Studies of one or several patients, then each patient once. */
export function studyObjects(...studies: readonly AuditedStudy[]): AuditObject[] {
  const patients = new Set(studies.map(({ patientId }) => patientId));
  return [
    ...studies.map(({ studyInstanceUid, sopClasses }): AuditObject => ({
      id: studyInstanceUid,
      idType: ID_TYPE.studyInstanceUid,
      type: '2',
      role: '3',
      name: '',
      sopClasses,
    })),
    ...[...patients].map(patientObject),
  ];
}

/** By id alone: whoever may read the audit trail finds the rest in the archive. */
export function patientObject(patientId: string): AuditObject {
  return {
    id: patientId.trim() === '' ? '(none)' : patientId,
    idType: ID_TYPE.patientNumber,
    type: '1',
    role: '1',
    name: '',
  };
}
