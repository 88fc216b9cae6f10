import { SUBJECT } from '../finding.ts';
import { correctIdentity } from '../rule.ts';
import type { Rule } from '../rule.ts';

/** All objects of the study name one patient. */
export const patientMismatchRule: Rule = ({ marks, studyInstanceUid }) =>
  marks.includes('PATIENT_MISMATCH')
    ? [
        {
          code: 'PATIENT_MISMATCH',
          cause: 'objects of the study name different patients',
          remedy: `have what is another patient's rejected by a rejection note; or ${correctIdentity(studyInstanceUid)}`,
          subject: SUBJECT.study(studyInstanceUid),
        },
      ]
    : [];
