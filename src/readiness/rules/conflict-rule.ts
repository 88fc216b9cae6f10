import { SUBJECT } from '../finding.ts';
import type { Rule } from '../rule.ts';

/** No other bytes came under a SOP Instance UID of the study: which of the two are true is for people to say. */
export const conflictRule: Rule = ({ conflicts, studyInstanceUid }) => {
  const { count, sopInstanceUids } = conflicts;
  return count === 0
    ? []
    : [
        {
          code: 'CONFLICTING_BYTES',
          cause: `other bytes came, too, under ${count === 1 ? 'SOP Instance UID' : `${count} SOP Instance UIDs, such as`} ${sopInstanceUids[0]}`,
          remedy: 'kuva conflicts shows both; have the sending system send what is right with new UIDs',
          subject: SUBJECT.study(studyInstanceUid),
        },
      ];
};
