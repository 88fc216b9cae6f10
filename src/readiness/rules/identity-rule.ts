import { SUBJECT } from '../finding.ts';
import type { Rule } from '../rule.ts';

/**
 * An archive that has a study under one patient does not take the same SOP Instances under another (PS3.5 9.1: other content, other UIDs):
 * what it has must be corrected or withdrawn there first, and only people know that it was.
 */
export const identityRule: Rule = ({ isSentAsOther, studyInstanceUid }) =>
  isSentAsOther
    ? [
        {
          code: 'IDENTITY_CORRECTED',
          cause: 'it was given another patient after objects of it had been sent under the one before',
          remedy: `have the archive correct or withdraw what it has of the study, then: kuva queue confirm ${studyInstanceUid}`,
          subject: SUBJECT.study(studyInstanceUid),
        },
      ]
    : [];
