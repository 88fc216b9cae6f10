import { SUBJECT } from '../finding.ts';
import type { Rule } from '../rule.ts';

/**
 * The database knew the study when it was received. One that was built anew from the files does not know whether a study is a copy of
 * the archive's or has been archived before: neither may be sent by guess.
 */
export const rebuiltRule: Rule = ({ isRebuilt, studyInstanceUid }) =>
  isRebuilt
    ? [
        {
          code: 'REBUILT_INDEX',
          cause:
            'the index was built anew from the files: whether the study is our own, and was sent before, is not known',
          remedy: `kuva queue confirm ${studyInstanceUid} when it is our own and is to be sent`,
          subject: SUBJECT.study(studyInstanceUid),
        },
      ]
    : [];
