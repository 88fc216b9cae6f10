import { coverageOf } from '../../registers/certification.ts';
import { SUBJECT } from '../finding.ts';
import type { RuleFinding } from '../finding.ts';
import type { Rule } from '../rule.ts';

/** The archiving system is certified for each content type of the study, today and in a version that is valid for production. */
export const certificationRule: Rule = (_facts, { profile, contentTypes, certifications, organisation, day }) =>
  contentTypes
    .filter(({ enabled }) => enabled)
    .flatMap(({ name }): RuleFinding[] => {
      const systemEntity = organisation?.systemEntity ?? '';
      const coverage = coverageOf(certifications, { systemEntity, contentType: name, day }, profile);
      if (coverage.kind === 'covered') return [];
      const remedy = `kuva cert add REGISTER_ID --content-type ${name} …, when it is certified`;
      const subject = SUBJECT.certification(name);
      return coverage.kind === 'none'
        ? [
            {
              code: 'NOT_CERTIFIED',
              cause: `${systemEntity === '' ? 'no system is' : `system ${systemEntity} is not`} certified for ${name}`,
              remedy,
              subject,
            },
          ]
        : [
            {
              code: 'CERT_EXPIRED',
              cause: `certification ${coverage.nearest.registerId} for ${name} does not count today: ${coverage.reason}`,
              remedy,
              subject,
            },
          ];
    });
