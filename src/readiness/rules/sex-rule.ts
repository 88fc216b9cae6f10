import { parseHetu } from '../../identity/hetu.ts';
import { SUBJECT } from '../finding.ts';
import { correctIdentity } from '../rule.ts';
import type { Rule } from '../rule.ts';

/** Patient's Sex (0010,0040) is the one that the personal identity code says: odd serials are male. */
export const sexRule: Rule = (facts) => {
  const result = parseHetu(facts.patient.id);
  if ('fault' in result || ['', result.hetu.sex].includes(facts.patient.sex)) return [];
  return [
    {
      code: 'SEX_MISMATCH',
      cause: "Patient's Sex is another than the personal identity code says",
      remedy: correctIdentity(facts.studyInstanceUid),
      subject: SUBJECT.study(facts.studyInstanceUid),
    },
  ];
};
