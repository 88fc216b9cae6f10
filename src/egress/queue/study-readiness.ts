import type { EgressFinding, QueueJob } from '../../index/egress/egress-types.ts';
import type { IndexService } from '../../index/index-service.ts';
import type { StudyFacts } from '../../index/readiness/study-facts-types.ts';
import type { Readiness, Verdict } from './readiness.ts';

/** What the rules say of a study: everything that they found, what kind of content it is, and whose register they took it to be in. */
export interface StudyRules {
  /** `sentAs`: the kinds of content, separated by commas, as which the archive has got what the study is about. */
  evaluate(facts: StudyFacts, sentAs?: string): Promise<Pick<Verdict, 'findings' | 'contentType' | 'controller'>>;
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

// Whose study it is, and whether that organisation may send at all: a note goes no other way than its objects went.
const OF_THE_SENDER: ReadonlySet<string> = new Set([
  'ORG_UNKNOWN',
  'ORG_NOT_PRODUCTION',
  'NOT_CERTIFIED',
  'CERT_EXPIRED',
]);

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
    const sentAs = await index.read('queueNotesFollow', job);
    const { findings, contentType, controller } = await rules.evaluate(facts, sentAs);
    return {
      findings: sentAs === undefined ? findings : findings.map(ofNotes),
      contentType,
      controller,
      // The archive takes what comes again from the same title for the same object, and from another one for something else.
      callingAet: organisation === undefined || organisation.egressAet === '' ? usual : organisation.egressAet,
      emergency: facts.senders.some((aet) => emergencyAeTitles.includes(aet)),
    };
  }
}

/**
 * What is left of a study after a rejection may be less than the archive would take. What it has already it must not go on showing, so a
 * rejection note is not kept back for that.
 */
function ofNotes(finding: EgressFinding): EgressFinding {
  return OF_THE_SENDER.has(finding.code) ? finding : { ...finding, severity: 'warning' };
}
