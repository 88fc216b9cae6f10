import { SUBJECT } from '../finding.ts';
import { CORRECT_AT_SOURCE } from '../rule.ts';
import type { Rule } from '../rule.ts';

/** All objects of the study name one patient. */
export const patientMismatchRule: Rule = ({ marks, studyInstanceUid }) =>
  marks.includes('PATIENT_MISMATCH')
    ? [
        {
          code: 'PATIENT_MISMATCH',
          cause: 'objects of the study name different patients',
          remedy: `have what is another patient's rejected by a rejection note; or ${CORRECT_AT_SOURCE}`,
          subject: SUBJECT.study(studyInstanceUid),
        },
      ]
    : [];
