import { sopClassName } from '../dicom/sop-class-table.ts';
import { transferSyntax } from '../dicom/transfer-syntaxes.ts';
import { UID } from '../dicom/uids.ts';
import type { AssociateRequest, ContextResult } from '../dimse/ul/associate-types.ts';
import { AE_SERVICES } from '../index/index-types.ts';
import type { AeService } from '../index/index-types.ts';
import { serviceOf } from './sop-class-services.ts';
import type { StorageChoice } from './sop-class-services.ts';

type Proposal = Pick<AssociateRequest, 'contexts' | 'roles' | 'commonExtended'>;

export interface RefusalFacts {
  readonly request: Proposal;
  readonly results: readonly ContextResult[];
  readonly services: ReadonlySet<AeService>;
  readonly storage: StorageChoice;
  /** The calling AE title, as it is typed in a shell. */
  readonly aet: string;
}

/** SOP classes or syntaxes named for one reason; there may be 128 contexts. */
const NAMED = 4;

/**
 * One line, of bounded length, on the presentation contexts that were refused: SOP classes, reason and remedy. Undefined when none was.
 */
export function describeRefusals(facts: RefusalFacts): string | undefined {
  const { request, results } = facts;
  const refused = new Map(results.filter((r) => r.result !== 0).map((r) => [r.id, r]));
  if (refused.size === 0) return undefined;
  const classes = new Map<string, Set<string>>();
  for (const context of request.contexts) {
    const result = refused.get(context.id);
    if (result === undefined) continue;
    const reason = reasonOf(context, result, facts);
    classes.set(reason, (classes.get(reason) ?? new Set()).add(context.abstractSyntax));
  }
  const reasons = [...classes].slice(0, 2 * NAMED).map(([reason, uids]) => `${listed(uids, className)}: ${reason}`);
  return `presentation contexts refused, ${refused.size} of ${request.contexts.length}: ${reasons.join('; ')}`;
}

function reasonOf(
  { abstractSyntax, transferSyntaxes }: Proposal['contexts'][number],
  { result }: ContextResult,
  facts: RefusalFacts,
): string {
  const { request, services, storage, aet } = facts;
  const service = serviceOf(abstractSyntax, storage, request.commonExtended);
  if (service === undefined) {
    const storable = serviceOf(abstractSyntax, { ...storage, acceptUnknownSopClasses: true }, request.commonExtended);
    return storable === undefined
      ? 'this node has no such service, so leave it out at the sender'
      : 'unknown SOP class, to store it name it in dicom.extraSopClasses or set dicom.acceptUnknownSopClasses: true';
  }
  if (result === 4) {
    const names = listed(new Set(transferSyntaxes), (uid) => transferSyntax(uid)?.name ?? uid);
    return `no transfer syntax that is taken for it among ${names === '' ? 'none' : names}, so propose little endian at the sender`;
  }
  const role = request.roles.find((item) => item.sopClassUID === abstractSyntax) ?? { scu: true, scp: false };
  // PS3.4 C.5.3: the SCP role for a storage class is asked for to receive what a C-GET sends.
  const missing = role.scu ? service : role.scp && service === 'store' ? 'get' : undefined;
  if (missing === undefined || services.has(missing)) return 'the role that was proposed is not granted for it';
  const all = AE_SERVICES.filter((name) => services.has(name) || name === missing);
  return `service ${missing} is not allowed for ${aet}, to allow it: kuva ae add ${aet} --service ${all.join(',')}`;
}

function className(uid: string): string {
  const name = sopClassName(uid);
  const keyword = name === uid ? Object.entries(UID).find(([, value]) => value === uid)?.[0] : name;
  return uid === '' ? 'an abstract syntax that is no UID' : keyword === undefined ? uid : `${keyword} (${uid})`;
}

function listed(uids: ReadonlySet<string>, name: (uid: string) => string): string {
  const named = [...uids].slice(0, NAMED).map(name).join(', ');
  return uids.size > NAMED ? `${named} and ${uids.size - NAMED} more` : named;
}
