import { parseHetu } from '../../identity/hetu.ts';
import { SUBJECT } from '../finding.ts';
import { correctIdentity } from '../rule.ts';
import type { Rule } from '../rule.ts';

/** Patient's Birth Date (0010,0030) is the one that the personal identity code says. */
export const birthDateRule: Rule = (facts) => {
  const result = parseHetu(facts.patient.id);
  if ('fault' in result || ['', result.hetu.birthDate].includes(facts.patient.birthDate)) return [];
  return [
    {
      code: 'BIRTH_DATE_MISMATCH',
      cause: "Patient's Birth Date is another than the personal identity code says",
      remedy: correctIdentity(facts.studyInstanceUid),
      subject: SUBJECT.study(facts.studyInstanceUid),
    },
  ];
};
