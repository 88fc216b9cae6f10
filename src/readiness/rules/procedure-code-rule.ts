import { SUBJECT } from '../finding.ts';
import { CORRECT_AT_SOURCE } from '../rule.ts';
import type { Rule } from '../rule.ts';

/** Procedure Code Sequence (0008,1032) names the same examination as Study Description, and a list for this kind of content. */
export const procedureCodeRule: Rule = (facts, { profile, examinationCode, codeValidity, contentTypes }) => {
  const designators = new Set(profile.codes.lists.flatMap((list) => list.designators));
  const national = facts.procedureCodes.filter(({ scheme }) => designators.has(scheme));
  const differs = national.length > 0 && !national.some(({ value }) => value === examinationCode);
  const foreign =
    codeValidity.kind === 'valid' &&
    contentTypes.length > 0 &&
    !contentTypes.some(({ name }) => codeValidity.list.contentTypes.includes(name));
  const causes = [
    ...(differs ? ['Procedure Code Sequence names another examination than Study Description'] : []),
    ...(foreign
      ? [
          `examination code ${examinationCode} is of the list ${codeValidity.list.name}, the content is ${contentTypes.map(({ name }) => name).join(', ')}`,
        ]
      : []),
  ];
  return causes.map((cause) => ({
    code: 'CODE_MISMATCH',
    cause,
    remedy: CORRECT_AT_SOURCE,
    subject: SUBJECT.code(examinationCode),
  }));
};
