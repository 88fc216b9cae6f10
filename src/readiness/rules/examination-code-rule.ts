import { shownDay } from '../../core/zoned-day.ts';
import { isCodeShaped } from '../../nomenclature/examination-code.ts';
import { SUBJECT } from '../finding.ts';
import { CORRECT_AT_SOURCE } from '../rule.ts';
import type { Rule } from '../rule.ts';

/** Study Description (0008,1030) begins with an examination code that was valid on the Study Date. */
export const examinationCodeRule: Rule = (facts, { profile, examinationCode, codeValidity }) => {
  const subject = SUBJECT.code(examinationCode);
  if (facts.studyDescription === '' || codeValidity.kind === 'valid') return [];
  if (!isCodeShaped(profile, examinationCode))
    return [
      {
        code: 'CODE_UNKNOWN',
        cause: `Study Description does not begin with an examination code of ${profile.codes.examinationCodeLength} characters`,
        remedy: CORRECT_AT_SOURCE,
        subject: SUBJECT.study(facts.studyInstanceUid),
      },
    ];
  if (codeValidity.kind === 'unknown')
    return [
      {
        code: 'CODE_UNKNOWN',
        cause: `examination code ${examinationCode} is in none of the code lists`,
        remedy: `kuva codes import FILE --list OID, when a list has it; otherwise ${CORRECT_AT_SOURCE}`,
        subject,
      },
    ];
  const when =
    codeValidity.kind === 'expired'
      ? `was valid until ${shownDay(codeValidity.until)}`
      : `is valid from ${shownDay(codeValidity.from)}`;
  return [
    {
      code: 'CODE_EXPIRED',
      cause: `examination code ${examinationCode} ${when}, the study is of ${shownDay(facts.studyDate)}`,
      remedy: `kuva codes import FILE --list ${codeValidity.list.oid}, when a newer list says otherwise; otherwise ${CORRECT_AT_SOURCE}`,
      subject,
    },
  ];
};
