import type { DisclosurePolicy, Question, Register } from './question.ts';

/** The controller that answers for a register on a day: of a merged one, its successor. */
export function controllerOn(policy: DisclosurePolicy, controller: string, day: string): string {
  let current = controller;
  // A merger of a merger is followed; a ring of them ends.
  for (let step = 0; step <= policy.mergers.length; step += 1) {
    const merger = policy.mergers.find(({ old, from }) => old === current && from <= day);
    if (merger === undefined) return current;
    current = merger.new;
  }
  return current;
}

/** The controller's own names: itself and every controller that it has succeeded by that day. */
export function namesOf(policy: DisclosurePolicy, controller: string, day: string): string[] {
  const now = controllerOn(policy, controller, day);
  const olds = policy.mergers.map(({ old }) => old).filter((old) => controllerOn(policy, old, day) === now);
  return [...new Set([now, controller, ...olds])].filter((name) => name !== '');
}

/** Whether the resource lies in the requester's own register. A specifier counts when both have one. */
export function isOwnRegister(
  { requester, resource }: Pick<Question, 'requester' | 'resource'>,
  policy: DisclosurePolicy,
  day: string,
): boolean {
  if (resource.controller === '')
    return resource.organisation !== null && resource.organisation === requester.organisation;
  return (
    requester.controller !== '' &&
    controllerOn(policy, requester.controller, day) === controllerOn(policy, resource.controller, day) &&
    sameRegister(requester, resource)
  );
}

/** The same register of a controller, whoever that is. */
export function sameRegister(one: Omit<Register, 'controller'>, other: Omit<Register, 'controller'>): boolean {
  return (
    one.registerCode === other.registerCode &&
    (one.specifier === '' || other.specifier === '' || one.specifier === other.specifier)
  );
}

/** Whether a register stands in a group. */
export function inGroup(policy: DisclosurePolicy, name: string, register: Register, day: string): boolean {
  const group = policy.groups.find((each) => each.name === name);
  return (
    group !== undefined &&
    group.registers.includes(register.registerCode) &&
    group.controllers.includes(controllerOn(policy, register.controller, day))
  );
}
