import type { PatientIdentity } from '../../dicom/patient-identity.ts';

/** One study is another patient's; or an id, with every study that has it, is retired in favour of another. */
export type NewIdentityChange = {
  /** What is told of the patient from now on. */
  readonly identity: PatientIdentity;
  readonly reason: string;
  /** cli:USER, or adt:SENDING_APPLICATION. */
  readonly actor: string;
  readonly at: number;
} & (
  | { readonly kind: 'move'; readonly studyInstanceUid: string }
  | {
      readonly kind: 'merge';
      readonly patientId: string;
      readonly /** null: whatever the issuer */ issuer: string | null;
    }
);

/** A study that a change, or its undoing, has given another patient. */
export interface IdentifiedStudy {
  readonly studyInstanceUid: string;
  readonly organisation: string | null;
  readonly before: Pick<PatientIdentity, 'patientId' | 'issuer'>;
  readonly after: Pick<PatientIdentity, 'patientId' | 'issuer'>;
  /** An archive has it, or may have, under another patient. */
  readonly isSentAsOther: boolean;
}

export interface IdentityOutcome {
  readonly changeId: number;
  /** The same had been said before; what was missing of it was done. */
  readonly isRepeat: boolean;
  readonly studies: readonly IdentifiedStudy[];
}

/** A change as it is listed. */
export interface IdentityChange {
  readonly id: number;
  readonly kind: 'move' | 'merge';
  readonly fromPatientId: string;
  readonly fromIssuer: string | null;
  readonly identity: PatientIdentity;
  readonly reason: string;
  readonly actor: string;
  readonly at: number;
  readonly undoneAt: number | null;
  readonly undoneBy: string;
  /** That it was in force for, ever. */
  readonly studyInstanceUids: readonly string[];
}
