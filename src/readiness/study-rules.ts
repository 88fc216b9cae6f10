import type { StudyFacts } from '../index/readiness/study-facts-types.ts';
import type { Profile } from '../profile/profile.ts';
import { checkFacts } from './check-study.ts';
import type { ReadinessIndex } from './check-study.ts';
import type { Finding } from './finding.ts';

export interface StudyRulesParts {
  readonly index: ReadinessIndex;
  readonly profile: Profile;
  /** Milliseconds since 1970 UTC. */
  readonly now: () => number;
}

interface StudyVerdict {
  readonly findings: readonly Finding[];
  readonly contentType: string;
  /** OID; '' when not known */
  readonly controller: string;
}

/** The rules as the queue asks them: with the registers as they are now. */
export class StudyRules {
  readonly #parts: StudyRulesParts;

  constructor(parts: StudyRulesParts) {
    this.#parts = parts;
  }

  /** `contentType` names all of the study's, separated by commas; '' when nothing tells. */
  async evaluate(facts: StudyFacts, sentAs?: string): Promise<StudyVerdict> {
    const { index, profile, now } = this.#parts;
    const { findings, context } = await checkFacts(index, profile, facts, now(), sentAs);
    const contentType = context.contentTypes.map(({ name }) => name).join(',');
    return { findings, contentType, controller: context.controllerOid };
  }
}
