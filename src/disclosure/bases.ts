import { zonedDay } from '../core/zoned-day.ts';
import type { Authorisation } from '../index/disclosure/disclosure-types.ts';
import { controllerOn, inGroup, isOwnRegister, sameRegister } from './controllers.ts';
import { speaks } from './denials.ts';
import { inForce, wasMinor } from './policy-day.ts';
import type { Basis, DisclosurePolicy, Question, ReasonCode } from './question.ts';

export interface BasisContext {
  readonly question: Question;
  readonly policy: DisclosurePolicy;
  /** YYYYMMDD of the question */
  readonly day: string;
}

/** Why the basis' own condition does not hold; undefined when it does. */
export function missingFor(basis: Basis, context: BasisContext): ReasonCode | undefined {
  const { question, policy, day } = context;
  switch (basis.basis) {
    case 'OWN_REGISTER':
      return isOwnRegister(question, policy, day) ? undefined : 'NOT_OWN_REGISTER';
    case 'OUTSOURCED':
      return authorisationsOf(context).length > 0 ? undefined : 'NO_AUTHORISATION';
    case 'OTHER_LAW':
      return question.specialReason === '' ? 'NO_BASIS' : undefined;
    case 'EMERGENCY':
      return undefined;
    case 'GROUP':
      if (![question.requester, question.resource].every((each) => inGroup(policy, basis.group, each, day)))
        return 'NOT_IN_GROUP';
      return isInformed(basis.informing, question) ? undefined : 'NOT_INFORMED';
    case 'CONSENT':
      return missingConsent(basis, context);
  }
}

/** The authorisations in force by which the requester, as producer, may read the resource. */
export function authorisationsOf({ question, policy, day }: BasisContext): Authorisation[] {
  const { requester, resource, will, at } = question;
  return will.authorisations.filter(
    (authorisation) =>
      inForce(authorisation, at) &&
      requester.oids.includes(authorisation.producer) &&
      controllerOn(policy, authorisation.searchController, day) === controllerOn(policy, resource.controller, day) &&
      sameRegister(
        { registerCode: authorisation.searchRegister, specifier: authorisation.searchSpecifier },
        resource,
      ) &&
      (authorisation.allDocuments || isMaterial(authorisation, resource)),
  );
}

function isMaterial(authorisation: Authorisation, resource: Question['resource']): boolean {
  const { materialFrom, materialUntil, serviceEvents } = authorisation;
  const dated = materialFrom !== '' || materialUntil !== '';
  return (
    (!dated || resource.created !== '') &&
    (materialFrom === '' || resource.created >= materialFrom) &&
    (materialUntil === '' || resource.created <= materialUntil) &&
    (serviceEvents.length === 0 || serviceEvents.includes(resource.serviceEvent))
  );
}

function isInformed(versions: readonly string[], { will, at }: Question): boolean {
  return will.informings.some((each) => inForce(each, at) && versions.includes(each.informingVersion));
}

function missingConsent(
  basis: Extract<Basis, { basis: 'CONSENT' }>,
  { question, policy }: BasisContext,
): ReasonCode | undefined {
  const { at, will, channel } = question;
  const given = will.consents.filter(
    (consent) =>
      inForce(consent, at) &&
      basis.kinds.includes(consent.kind) &&
      speaks(policy.consentBy, consent) &&
      (consent.givenBy !== 'guardian' || wasMinor(question.birthDate, policy, consent.validFrom)),
  );
  if (given.length === 0) return 'NO_CONSENT';
  if (!isInformed(basis.informing, question)) return 'NOT_INFORMED';
  if (channel === 'KANTA') return undefined;
  const { directUpdatedFrom } = basis;
  if (directUpdatedFrom === null) return 'CONSENT_NOT_FOR_DIRECT';
  const updated = given.some((consent) => zonedDay(policy.timezone, consent.validFrom) >= directUpdatedFrom);
  return updated ? undefined : 'CONSENT_NOT_FOR_DIRECT';
}
