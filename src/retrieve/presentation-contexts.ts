import { canRecode } from '../dicom/recode.ts';
import { UID } from '../dicom/uids.ts';
import type { AcceptedContext } from '../dimse/association.ts';
import type { InstanceRef } from '../index/index-types.ts';

/** PS3.8 9.3.2.2: context ids are the odd numbers 1 to 255. */
const MAX_CONTEXTS = 128;

export interface ProposedContext {
  readonly abstractSyntax: string;
  readonly transferSyntaxes: readonly string[];
}

type Syntaxes = Pick<InstanceRef, 'sopClassUid' | 'transferSyntaxUid'>;

/** What one association proposes, and the instances that it can therefore carry. */
export interface ContextGroup<T extends Syntaxes = InstanceRef> {
  readonly contexts: readonly ProposedContext[];
  readonly instances: readonly T[];
}

/**
 * A context for each (SOP class, transfer syntax), since an acceptor chooses one syntax of a context and all that is
 * stored in another one could then not be sent. The stored syntaxes come first, then what they can be re-encoded to: both little
 * endian ones, and in one context for a destination that takes neither, what is left.
 * More than 128 contexts, or `max`, are dealt out to several associations.
 */
export function proposeContexts<T extends Syntaxes>(
  instances: readonly T[],
  recode: boolean,
  max: number = MAX_CONTEXTS,
): ContextGroup<T>[] {
  const groups: { contexts: ProposedContext[]; instances: T[] }[] = [];
  for (const [abstractSyntax, ofClass] of Map.groupBy(instances, (instance) => instance.sopClassUid)) {
    const contexts = syntaxesOf(ofClass, recode).map((transferSyntaxes) => ({ abstractSyntax, transferSyntaxes }));
    let group = groups.find((g) => g.contexts.length + contexts.length <= max);
    if (group === undefined) groups.push((group = { contexts: [], instances: [] }));
    group.contexts.push(...contexts);
    group.instances.push(...ofClass);
  }
  return groups;
}

/** The transfer syntaxes of one context each. */
function syntaxesOf(instances: readonly Syntaxes[], recode: boolean): string[][] {
  const stored = [...new Set(instances.map((instance) => instance.transferSyntaxUid))];
  const reachable = (uid: string) => !stored.includes(uid) && stored.some((from) => canRecode(from, uid));
  const alternatives = recode ? LITTLE_ENDIAN.filter(reachable) : [];
  const last = recode ? LAST_RESORT.filter(reachable) : [];
  return [...[...stored, ...alternatives].map((uid) => [uid]), ...(last.length > 0 ? [last] : [])];
}

// In the order in which a re-encoded data set loses least.
const LITTLE_ENDIAN: readonly string[] = [UID.ExplicitVRLittleEndian, UID.ImplicitVRLittleEndian];
const LAST_RESORT: readonly string[] = [UID.DeflatedExplicitVRLittleEndian, UID.ExplicitVRBigEndian];
const FALLBACKS: readonly string[] = [...LITTLE_ENDIAN, ...LAST_RESORT];

/** The accepted context for an instance: its stored syntax, else one that it can be re-encoded to. */
export function chooseContext(
  contexts: Iterable<AcceptedContext>,
  instance: Syntaxes,
  recode: boolean,
): { pc: AcceptedContext; recode: boolean } | undefined {
  const usable = [...contexts].filter((pc) => pc.abstractSyntax === instance.sopClassUid && pc.role.scu);
  const asStored = usable.find((pc) => pc.transferSyntax === instance.transferSyntaxUid);
  if (asStored !== undefined) return { pc: asStored, recode: false };
  if (!recode) return undefined;
  const rank = (pc: AcceptedContext) => FALLBACKS.indexOf(pc.transferSyntax);
  const other = usable
    .filter((pc) => canRecode(instance.transferSyntaxUid, pc.transferSyntax))
    .toSorted((a, b) => rank(a) - rank(b))[0];
  return other === undefined ? undefined : { pc: other, recode: true };
}
