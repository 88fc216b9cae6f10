import type { PatientIdentity } from '../../dicom/patient-identity.ts';
import { isStrictUid } from '../../dicom/uid-syntax.ts';
import type { InstanceProjection } from '../instance-projection.ts';
import { personNameKey } from '../person-name-key.ts';

export type PatientProjection = InstanceProjection['patient'];

/** What the index keeps of a patient that an identity names: as if an object had told it. */
export function projectIdentity({ patientId, issuer, name, birthDate, sex }: PatientIdentity): PatientProjection {
  const key = personNameKey(name);
  return {
    patientId,
    issuer,
    issuerQualifier: isStrictUid(issuer) ? { localId: '', universalId: issuer, universalType: 'ISO' } : undefined,
    charset: '',
    columns: {
      name,
      name_key: key.alphabetic,
      name_ideographic_key: key.ideographic,
      name_phonetic_key: key.phonetic,
      birth_date: birthDate,
      sex,
    },
    attributes: {},
    otherIds: [],
  };
}
