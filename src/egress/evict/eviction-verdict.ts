import type { JobState } from '../../index/egress/job-state-table.ts';
import type { EvictionFacts } from '../../index/eviction/eviction-types.ts';

/** Why the files of a study stay, in plain words behind a machine word. */
export interface EvictionReason {
  readonly code: string;
  readonly text: string;
}

/** `gone`: they went before. */
export type EvictionVerdict =
  | { readonly kind: 'gone' }
  | { readonly kind: 'stays'; readonly reasons: readonly EvictionReason[] }
  | { readonly kind: 'may-go'; readonly destination: string; readonly callingAet: string };

export interface EvictionPolicy {
  /** ms since 1970 */
  readonly now: number;
  /** ms since it was archived and since its last object came */
  readonly minimumAge: number;
  /** The configured archives, in the order in which one is chosen. */
  readonly destinations: readonly string[];
}

const DAY = 86_400_000;

/** Judges by what the queue knows; whether the archive still has everything is asked afterwards. */
export function evictionVerdict(facts: EvictionFacts, policy: EvictionPolicy): EvictionVerdict {
  if (facts.evicted > 0 && facts.evicted === facts.instances) return { kind: 'gone' };
  const own = ownReasons(facts, policy);
  const judged = policy.destinations.map((name) => {
    const found = facts.destinations.find(({ destination }) => destination === name);
    return { name, callingAet: found?.callingAet ?? '', reasons: destinationReasons(facts, name, found, policy) };
  });
  const good = judged.find(({ reasons }) => reasons.length === 0);
  const elsewhere = good === undefined ? [] : onItsWay(facts, policy);
  if (own.length === 0 && elsewhere.length === 0 && good !== undefined) {
    return { kind: 'may-go', destination: good.name, callingAet: good.callingAet };
  }
  const everywhere = good === undefined ? judged.flatMap(({ reasons }) => reasons) : [];
  const none = policy.destinations.length === 0 ? [reason('NO_ARCHIVE', 'no archive is configured')] : [];
  return { kind: 'stays', reasons: [...own, ...elsewhere, ...everywhere, ...none] };
}

function ownReasons(facts: EvictionFacts, { now, minimumAge }: EvictionPolicy): EvictionReason[] {
  const reasons: EvictionReason[] = [];
  const age = now - facts.lastReceivedAt;
  if (age < minimumAge)
    reasons.push(reason('TOO_YOUNG', `its last object came ${days(age)} ago, ${days(minimumAge)} are required`));
  if (facts.changed) reasons.push(reason('CHANGED', 'objects came that the queue has not looked at yet'));
  if (facts.conflicts > 0)
    reasons.push(
      reason('CONFLICTS', `${facts.conflicts} other objects under its UIDs are kept here alone: kuva conflicts`),
    );
  if (facts.rejected > 0)
    reasons.push(
      reason('REJECTED', `${facts.rejected} objects are rejected, and the archive would not give them back`),
    );
  if (facts.corrected)
    reasons.push(
      reason('IDENTITY_CORRECTED', 'it was given another patient: what the archive has are not these bytes'),
    );
  if (facts.undurable > 0)
    reasons.push(reason('NOT_DURABLE', `${facts.undurable} objects are not known to be on the disk yet`));
  return reasons;
}

/** One archive may have it while another is yet to get it from here. */
function onItsWay({ destinations }: EvictionFacts, policy: EvictionPolicy): EvictionReason[] {
  return destinations
    .filter(({ destination, states }) => policy.destinations.includes(destination) && openStates(states).length > 0)
    .map(({ destination, states }) => reason('ON_ITS_WAY', `${destination}: ${openStates(states).join(', ')}`));
}

function openStates(states: readonly JobState[]): JobState[] {
  return states.filter((state) => state !== 'ARCHIVED' && state !== 'WITHDRAWN');
}

function destinationReasons(
  { instances }: EvictionFacts,
  name: string,
  found: EvictionFacts['destinations'][number] | undefined,
  { now, minimumAge }: EvictionPolicy,
): EvictionReason[] {
  if (found === undefined) return [reason('NOT_QUEUED', `it was never queued for ${name}`)];
  const reasons: EvictionReason[] = [];
  const open = openStates(found.states);
  if (open.length > 0 || found.archivedAt === null)
    reasons.push(reason('NOT_ARCHIVED', `${name}: ${open.length > 0 ? open.join(', ') : 'nothing of it is ARCHIVED'}`));
  if (found.committed < instances)
    reasons.push(reason('NOT_COMMITTED', `${name} has committed to ${found.committed} of ${instances} objects`));
  if (found.archivedAt !== null && now - found.archivedAt < minimumAge)
    reasons.push(
      reason('TOO_YOUNG', `${name} has had it for ${days(now - found.archivedAt)}, ${days(minimumAge)} are required`),
    );
  return reasons;
}

function reason(code: string, text: string): EvictionReason {
  return { code, text };
}

function days(ms: number): string {
  return `${(ms / DAY).toFixed(1)} days`;
}
