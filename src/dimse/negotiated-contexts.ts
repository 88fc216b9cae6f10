import type { AcceptedContext } from './association.ts';
import type { AssociateAccept, AssociateRequest, ContextResult, RoleSelection } from './ul/associate-types.ts';

/**
 * The contexts of an association as one side sees them. Roles by PS3.7 D.3.3.4: without an answered role selection the requestor
 * is SCU and the acceptor SCP; an answer can only grant what was proposed.
 */
export function negotiatedContexts(
  request: AssociateRequest,
  accept: AssociateAccept,
  isRequestor: boolean,
): ReadonlyMap<number, AcceptedContext> {
  const answered = new Map(accept.roles.map((role) => [role.sopClassUID, role]));
  const proposed = new Map(request.roles.map((role) => [role.sopClassUID, role]));
  const extended = new Map(accept.extended.map((item) => [item.sopClassUID, item.information]));
  const results = new Map(accept.contexts.map((result) => [result.id, result]));
  const contexts = new Map<number, AcceptedContext>();
  for (const context of request.contexts) {
    const result = results.get(context.id);
    // An acceptor can only choose from what was proposed, PS3.8 7.1.1.13.
    if (result?.result !== 0 || !context.transferSyntaxes.includes(result.transferSyntax)) continue;
    const { abstractSyntax } = context;
    const requestor = requestorRoles(proposed.get(abstractSyntax), answered.get(abstractSyntax));
    contexts.set(context.id, {
      id: context.id,
      abstractSyntax,
      transferSyntax: result.transferSyntax,
      role: isRequestor ? requestor : { scu: requestor.scp, scp: requestor.scu },
      extended: extended.get(abstractSyntax),
    });
  }
  return contexts;
}

function requestorRoles(
  proposed: RoleSelection | undefined,
  answered: RoleSelection | undefined,
): { scu: boolean; scp: boolean } {
  if (proposed === undefined || answered === undefined) return { scu: true, scp: false };
  return { scu: proposed.scu && answered.scu, scp: proposed.scp && answered.scp };
}

/** The answers to all proposed contexts: what the policy left out, or could not have meant, is refused. */
export function contextResults(request: AssociateRequest, decided: readonly ContextResult[]): ContextResult[] {
  const decisions = new Map(decided.map((result) => [result.id, result]));
  return request.contexts.map((context): ContextResult => {
    // Not significant, but some peers insist on a valid UID there.
    const fallback = context.transferSyntaxes[0] ?? '1.2.840.10008.1.2';
    if (context.abstractSyntax === '') return { id: context.id, result: 3, transferSyntax: fallback };
    const decision = decisions.get(context.id);
    if (decision === undefined) return { id: context.id, result: 1, transferSyntax: fallback };
    if (decision.result !== 0) return { id: context.id, result: decision.result, transferSyntax: fallback };
    if (!context.transferSyntaxes.includes(decision.transferSyntax))
      return { id: context.id, result: 4, transferSyntax: fallback };
    return { id: context.id, result: 0, transferSyntax: decision.transferSyntax };
  });
}
