import type { Denial, Expressed } from '../index/disclosure/disclosure-types.ts';
import { controllerOn, inGroup } from './controllers.ts';
import { inForce } from './policy-day.ts';
import type { DisclosurePolicy, Law, Question, Resource } from './question.ts';

/** The denials in force that cover the resource. A denial covers what was there before it and what came after. */
export function denialsOf(question: Question, policy: DisclosurePolicy, law: Law, day: string): Denial[] {
  return question.will.denials.filter(
    (denial) =>
      inForce(denial, question.at) &&
      speaks(policy.denialBy, denial) &&
      reaches(law, denial, question.resource) &&
      COVERS[denial.scope](denial, question.resource, policy, day),
  );
}

/** Whether whoever expressed a will may do so there. */
export function speaks(accepted: readonly string[], { givenBy, via }: Expressed): boolean {
  return accepted.includes(`${givenBy}/${via}`);
}

/** Whether the law of the day knows this scope for such a controller; one of unknown kind is taken to be covered. */
function reaches(law: Law, denial: Denial, resource: Resource): boolean {
  const kinds: readonly string[] = law.denialScopes[denial.scope];
  return resource.kind === 'unknown' ? kinds.length > 0 : kinds.includes(resource.kind);
}

type Covers = (denial: Denial, resource: Resource, policy: DisclosurePolicy, day: string) => boolean;

const COVERS: Readonly<Record<Denial['scope'], Covers>> = {
  all: () => true,
  'service-event': (denial, resource, policy) =>
    resource.serviceEvent === ''
      ? policy.unknownServiceEvent === 'denied'
      : denial.serviceEvent === resource.serviceEvent,
  // A merged provider's denial follows its own data and what the successor adds, not the data of the others it merged with.
  provider: (denial, resource, policy, day) =>
    (denial.registerCode === resource.registerCode || resource.registerCode === '') &&
    (denial.controller === resource.controller ||
      controllerOn(policy, denial.controller, day) === resource.controller ||
      controllerOn(policy, resource.controller, day) === denial.controller),
  'private-occupational': (denial, resource, policy) =>
    (policy.occupationalRegisters.includes(resource.registerCode) || resource.registerCode === '') &&
    (denial.controller === '' || denial.controller === resource.controller),
  // Of a group that the policy no longer knows nobody can say who is not in it.
  group: (denial, resource, policy, day) =>
    !policy.groups.some(({ name }) => name === denial.groupName) || inGroup(policy, denial.groupName, resource, day),
};
