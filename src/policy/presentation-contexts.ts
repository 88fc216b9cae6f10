import type { AssociateRequest, ContextResult, RoleSelection } from '../dimse/ul/associate-types.ts';
import type { AeService } from '../index/index-types.ts';
import { serviceOf } from './sop-class-services.ts';
import type { StorageChoice } from './sop-class-services.ts';
import { chooseTransferSyntax } from './transfer-syntax-choice.ts';

export interface NegotiatedContexts {
  readonly contexts: readonly ContextResult[];
  readonly roles: readonly RoleSelection[];
}

type Proposal = Pick<AssociateRequest, 'contexts' | 'roles' | 'commonExtended'>;

/** Answers every proposed presentation context and role for an AE that may use `services`; `reports`: it is an archive of ours. */
export function negotiateContexts(
  request: Proposal,
  services: ReadonlySet<AeService>,
  choice: StorageChoice,
  reports: boolean = false,
): NegotiatedContexts {
  const roles = new Map<string, RoleSelection>();
  for (const proposed of request.roles) {
    if (!roles.has(proposed.sopClassUID)) {
      roles.set(
        proposed.sopClassUID,
        grantRoles(proposed, serviceOf(proposed.sopClassUID, choice, request.commonExtended), services, reports),
      );
    }
  }
  return {
    roles: [...roles.values()],
    contexts: request.contexts.map(({ id, abstractSyntax, transferSyntaxes }) => {
      const service = serviceOf(abstractSyntax, choice, request.commonExtended);
      // PS3.8 9.3.3.2: 3 abstract-syntax-not-supported, 1 user-rejection, 4 transfer-syntaxes-not-supported.
      if (service === undefined) {
        return { id, result: 3, transferSyntax: '' };
      }
      // PS3.7 D.3.3.4: without role selection the requestor is SCU only.
      const role =
        roles.get(abstractSyntax) ??
        grantRoles({ sopClassUID: abstractSyntax, scu: true, scp: false }, service, services, reports);
      if (!role.scu && !role.scp) {
        return { id, result: 1, transferSyntax: '' };
      }
      const chosen = chooseTransferSyntax(service, abstractSyntax, transferSyntaxes);
      return chosen === undefined ? { id, result: 4, transferSyntax: '' } : { id, result: 0, transferSyntax: chosen };
    }),
  };
}

/**
 * The requestor is SCP of storage classes only to receive C-GET sub-operations (PS3.4 C.5.3), and of storage commitment only as an archive
 * that reports on a request of ours (PS3.4 J.3.3.1.1): our own reports go out on associations that we request.
 */
function grantRoles(
  proposed: RoleSelection,
  service: AeService | undefined,
  services: ReadonlySet<AeService>,
  reports: boolean,
): RoleSelection {
  return {
    sopClassUID: proposed.sopClassUID,
    scu: proposed.scu && service !== undefined && services.has(service),
    scp: proposed.scp && ((service === 'store' && services.has('get')) || (service === 'commit' && reports)),
  };
}
