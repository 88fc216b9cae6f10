import { modalitiesOfCode } from '../../nomenclature/examination-code.ts';
import { SUBJECT } from '../finding.ts';
import { CORRECT_AT_SOURCE } from '../rule.ts';
import type { Rule } from '../rule.ts';

/** Modality (0008,0060) is one that the method in the examination code can have. */
export const modalityRule: Rule = (facts, { profile, examinationCode, codeValidity }) => {
  if (codeValidity.kind === 'unknown') return [];
  const allowed = modalitiesOfCode(codeValidity.list, examinationCode);
  if (allowed === undefined) return [];
  const made = [...new Set(facts.series.map(({ modality }) => modality))].filter(
    (modality) => modality !== '' && !profile.content.accompanyingModalities.includes(modality),
  );
  // One series of the method is enough: a computed tomography has an X-ray as localizer in some systems.
  if (made.length === 0 || made.some((modality) => allowed.includes(modality))) return [];
  return [
    {
      code: 'MODALITY_MISMATCH',
      cause: `examination code ${examinationCode} is for ${allowed.join(', ')}, the study is ${made.join(', ')}`,
      remedy: CORRECT_AT_SOURCE,
      subject: SUBJECT.code(examinationCode),
    },
  ];
};
