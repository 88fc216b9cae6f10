import { zonedDay } from '../core/zoned-day.ts';
import { authorisationsOf, missingFor } from './bases.ts';
import type { BasisContext } from './bases.ts';
import { isOwnRegister, namesOf } from './controllers.ts';
import { denialsOf } from './denials.ts';
import { inForce } from './policy-day.ts';
import type { Basis, Decision, DisclosurePolicy, Law, Question, ReasonCode } from './question.ts';

/**
 * Whether somebody may learn of a study or document, by the law of that day: the first of its bases that holds permits. The own
 * register is open on its own basis alone, and no denial closes it. `day` is that of the question, for callers that ask much at once.
 */
export function decide(
  question: Question,
  policy: DisclosurePolicy,
  day = zonedDay(policy.timezone, question.at),
): Decision {
  const law = lawOn(policy, day);
  const context = { question, policy, day };
  const own = isOwnRegister(question, policy, day);
  const logKind = own ? 'USE' : 'DISCLOSURE';
  const refuse = (reasonCode: ReasonCode): Decision => ({
    outcome: 'deny',
    basis: null,
    logKind,
    reasonCode,
    flagged: false,
    law: law?.law ?? '',
  });
  if (law === undefined) return refuse('NO_LAW');
  const { purpose } = question;
  if (purpose === null) return refuse('UNKNOWN_PURPOSE');
  if (question.resource.controller === '' && !own) return refuse('UNKNOWN_CONTROLLER');
  // Whatever the purpose: a disclosure has a recipient, and the log names it.
  if (!own && question.requester.oids.length === 0) return refuse('UNKNOWN_REQUESTER');
  if (policy.roles.length > 0 && !policy.roles.includes(question.requester.role)) return refuse('NO_ACCESS_RIGHT');

  const reasons: ReasonCode[] = [];
  for (const basis of law.bases) {
    if ((basis.basis === 'OWN_REGISTER') !== own) continue;
    if (!basis.purposes.includes(purpose) || (basis.from !== null && basis.from > day)) continue;
    const care = careOf(basis, context);
    const reason = obstacle(basis, law, context, care);
    if (reason === undefined) {
      const flagged = basis.flagged || care === 'special-reason' || (own && purpose === 'EMERGENCY');
      return { outcome: 'permit', basis: basis.basis, logKind, reasonCode: 'PERMITTED', flagged, law: law.law };
    }
    reasons.push(reason);
  }
  // A denial is the reason that matters; else what stood in the way of the last basis.
  return refuse(reasons.includes('DENIED') ? 'DENIED' : (reasons.at(-1) ?? 'NO_BASIS'));
}

/** The law in force on a day YYYYMMDD. */
function lawOn(policy: DisclosurePolicy, day: string): Law | undefined {
  return policy.laws.find(({ from, until }) => from <= day && (until === null || day <= until));
}

type Care = 'relation' | 'special-reason' | 'not-needed' | 'missing';

function obstacle(basis: Basis, law: Law, context: BasisContext, care: Care): ReasonCode | undefined {
  const { question, policy } = context;
  if (basis.denials !== 'ignored') {
    const counted = denialsOf(question, policy, law, context.day).filter(
      (denial) => basis.denials === 'respected' || !denial.emergencyAllowed,
    );
    if (counted.length > 0) return 'DENIED';
  }
  const missing = missingFor(basis, context);
  if (missing !== undefined) return missing;
  if (care === 'missing') return 'NO_CARE_RELATIONSHIP';
  if (!basis.channels.includes(question.channel))
    return basis.basis === 'CONSENT' ? 'CONSENT_NOT_FOR_DIRECT' : 'CHANNEL';
  const needsPerson =
    basis.personFor.some((purpose) => purpose === question.purpose) ||
    (care === 'special-reason' && policy.specialReason.needsPerson);
  return needsPerson && question.requester.person === '' ? 'NO_PERSON' : undefined;
}

/** What stands for the care relationship that the basis demands. */
function careOf(basis: Basis, context: BasisContext): Care {
  const { question, policy, day } = context;
  if (!basis.relationFor.some((purpose) => purpose === question.purpose)) return 'not-needed';
  const names = namesOf(policy, question.requester.controller, day);
  if (question.will.relations.some((each) => inForce(each, question.at) && names.includes(each.controller)))
    return 'relation';
  if (
    basis.basis === 'OUTSOURCED' &&
    basis.patientAuthorisationIsRelation &&
    authorisationsOf(context).some(({ patientId }) => patientId !== '')
  )
    return 'relation';
  return policy.specialReason.replacesRelation && question.specialReason !== '' ? 'special-reason' : 'missing';
}
