import type { StudyFacts } from '../index/readiness/study-facts-types.ts';
import type { Finding, RuleFinding } from './finding.ts';
import type { ReadinessContext } from './readiness-context.ts';
import { RULES } from './rules-table.ts';

/** Every rule's findings, errors first: all of them, so that one round of mending is enough. Pure. */
export function evaluate(facts: StudyFacts, context: ReadinessContext): Finding[] {
  return RULES.flatMap((rule) => rule(facts, context))
    .flatMap((finding) => graded(finding, context))
    .sort((a, b) => Number(a.severity === 'warning') - Number(b.severity === 'warning'));
}

/** Whether the study has to wait. */
export function isHeld(findings: readonly Finding[]): boolean {
  return findings.some(({ severity }) => severity === 'error');
}

function graded(finding: RuleFinding, { profile }: ReadinessContext): Finding[] {
  const severity = profile.readiness.severities[finding.code] ?? finding.severity ?? 'error';
  return severity === 'off' ? [] : [{ ...finding, severity }];
}
