import { SUBJECT } from '../finding.ts';
import type { Rule } from '../rule.ts';

/** The study's organisation is in the register, with a calling AE title for the archive. */
export const organisationRule: Rule = (facts, { organisation }) => {
  const key = facts.organisation;
  if (key === null)
    return [
      {
        code: 'ORG_UNKNOWN',
        cause: `the study belongs to no organisation: AE ${facts.senders.join(', ')} that sent it has none`,
        remedy:
          'kuva ae add AET --organisation KEY, or node.organisation in the configuration, and send the study again',
        subject: SUBJECT.study(facts.studyInstanceUid),
      },
    ];
  const subject = SUBJECT.organisation(key);
  if (organisation === undefined)
    return [
      {
        code: 'ORG_UNKNOWN',
        cause: `organisation ${key} is not in the register`,
        remedy: `kuva org set "${key}" --name NAME --business-id Y-TUNNUS --egress-aet AET`,
        subject,
      },
    ];
  if (organisation.kind === 'statement-only' || organisation.egressAet === '')
    return [
      {
        code: 'ORG_UNKNOWN',
        cause:
          organisation.kind === 'statement-only'
            ? `organisation ${key} gives statements only and does not archive`
            : `organisation ${key} has no calling AE title for the archive`,
        remedy: `kuva org set "${key}" --kind public --egress-aet AET, when it archives`,
        subject,
      },
    ];
  return [];
};
