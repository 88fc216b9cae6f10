import { SUBJECT } from '../finding.ts';
import { CORRECT_AT_SOURCE } from '../rule.ts';
import type { Rule } from '../rule.ts';

// Marks of receipt that no rule of their own is about.
const CAUSES: Readonly<Record<string, string>> = {
  PATIENT_ID_MISSING: 'objects without Patient ID are among the others',
  PATIENT_ID_ODD: 'a Patient ID has control characters, a backslash or more than 64 characters',
  SERIES_IN_SEVERAL_STUDIES: 'the same Series Instance UID came under another study, too',
};

/** Nothing else was odd about the study when it was received. */
export const marksRule: Rule = ({ marks, studyInstanceUid }) =>
  marks.flatMap((mark) => {
    const cause = CAUSES[mark];
    return cause === undefined
      ? []
      : [{ code: 'MARKED', cause, remedy: CORRECT_AT_SOURCE, subject: SUBJECT.study(studyInstanceUid) }];
  });
