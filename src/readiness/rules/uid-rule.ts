import { isStrictUid } from '../../dicom/uid-syntax.ts';
import { SUBJECT } from '../finding.ts';
import type { Rule } from '../rule.ts';

/** Every UID of the study keeps to PS3.5 9.1 to the letter; on receipt leading zeros are let through. */
export const uidRule: Rule = (facts) => {
  const odd = [facts.studyInstanceUid, ...facts.oddUids.uids].filter((uid) => !isStrictUid(uid));
  const count = facts.oddUids.count + (isStrictUid(facts.studyInstanceUid) ? 0 : 1);
  const [first] = odd;
  if (first === undefined) return [];
  return [
    {
      code: 'UID_SYNTAX',
      cause: `${count === 1 ? 'a UID breaks' : `${count} UIDs break`} the grammar of PS3.5 9.1, such as ${first}`,
      remedy: 'have the sending system make UIDs without leading zeros, and send the study again under such',
      subject: SUBJECT.study(facts.studyInstanceUid),
    },
  ];
};
