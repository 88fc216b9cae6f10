import type { EgressFinding, QueueJob } from '../../index/egress/egress-types.ts';
import type { IndexService } from '../../index/index-service.ts';
import type { StudyFacts } from '../../index/readiness/study-facts-types.ts';
import type { Readiness, Verdict } from './readiness.ts';

/** What the rules say of a study: everything that they found, and what kind of content it is. */
export interface StudyRules {
  evaluate(facts: StudyFacts): Promise<{ readonly findings: readonly EgressFinding[]; readonly contentType: string }>;
}

export interface StudyReadinessParts {
  readonly index: Pick<IndexService, 'read'>;
  readonly rules: StudyRules;
  /** Under which title studies go to a destination whose organisation has none of its own. */
  readonly usualTitle: (destination: string) => string;
  /** What these calling AEs send is urgent. */
  readonly emergencyAeTitles: readonly string[];
}

const GONE: EgressFinding = {
  code: 'STUDY_NOT_INDEXED',
  severity: 'error',
  cause: 'no object of the study is in the index',
  remedy: 'when its files are there, kuva reindex finds them; then: kuva queue release STUDY',
  subject: '',
};

/** Looks a study up and runs the rules over it. */
export class StudyReadiness implements Readiness {
  readonly #parts: StudyReadinessParts;

  constructor(parts: StudyReadinessParts) {
    this.#parts = parts;
  }

  async judge(job: QueueJob): Promise<Verdict> {
    const { index, rules, usualTitle, emergencyAeTitles } = this.#parts;
    const facts = await index.read('studyFacts', job.studyInstanceUid);
    const usual = usualTitle(job.destination);
    if (facts === undefined)
      return { findings: [GONE], controller: '', contentType: '', callingAet: usual, emergency: false };
    const organisation =
      facts.organisation === null ? undefined : await index.read('organisationByKey', facts.organisation);
    const { findings, contentType } = await rules.evaluate(facts);
    return {
      findings,
      contentType,
      controller: facts.link?.controllerOid ?? organisation?.controllerOid ?? '',
      // The archive takes what comes again from the same title for the same object, and from another one for something else.
      callingAet: organisation === undefined || organisation.egressAet === '' ? usual : organisation.egressAet,
      emergency: facts.senders.some((aet) => emergencyAeTitles.includes(aet)),
    };
  }
}
