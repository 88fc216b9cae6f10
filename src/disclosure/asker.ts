import type { DisclosurePolicy, Purpose } from './question.ts';

/** Who is at the other end, as the association policy found. */
export interface AskingPeer {
  readonly aet: string;
  readonly calledAET: string;
  readonly address: string;
  readonly tlsSubject: string;
  readonly associationId: string;
  /** Key of the organisation; null for none. */
  readonly organisation: string | null;
  /** Name of a verified user; null when none was verified. */
  readonly user: string | null;
  /** Text of the user identity as it was sent; '' for none. */
  readonly claim: string;
  /** Whether what it says of persons and purposes counts. */
  readonly trusted: boolean;
}

/** The person who asks, and why. */
export interface Asker {
  readonly person: string;
  readonly role: string;
  /** null: a purpose that nobody knows */
  readonly purpose: Purpose | null;
  readonly specialReason: string;
  readonly serviceEvent: string;
}

type Field = keyof DisclosurePolicy['asker']['fields'];

/**
 * Reads who asks from the texts that the peer sent: with its user identity, and in the identifier of this request, which goes
 * before. A verified user stays the person whatever the texts say.
 */
export function readAsker(peer: AskingPeer, queryClaim: string, policy: DisclosurePolicy): Asker {
  const said = peer.trusted
    ? { ...fieldsOf(peer.claim, policy), ...fieldsOf(queryClaim, policy) }
    : ({} as Partial<Record<Field, string>>);
  return {
    person: peer.user ?? said.person ?? '',
    role: said.role ?? '',
    purpose: said.purpose === undefined ? policy.asker.defaultPurpose : purposeOf(said.purpose),
    specialReason: said.specialReason ?? '',
    serviceEvent: said.serviceEvent ?? '',
  };
}

/** The person that a text names, for which a passcode may be asked. */
export function personIn(text: string, policy: DisclosurePolicy): string {
  return fieldsOf(text, policy).person ?? '';
}

/** The fields of a structured text; a text without any is the person's name. */
function fieldsOf(text: string, policy: DisclosurePolicy): Partial<Record<Field, string>> {
  const { separator, assign, fields } = policy.asker;
  const trimmed = text.trim();
  if (trimmed === '') return {};
  if (!trimmed.includes(assign)) return { person: trimmed };
  const found: Partial<Record<Field, string>> = {};
  for (const part of trimmed.split(separator)) {
    const at = part.indexOf(assign);
    const name = part.slice(0, at).trim();
    const field = (Object.keys(fields) as Field[]).find((each) => fields[each] === name);
    const value = part.slice(at + 1).trim();
    if (at > 0 && field !== undefined && value !== '') found[field] = value;
  }
  return found;
}

const PURPOSES: readonly Purpose[] = ['CARE', 'EMERGENCY', 'OUTSOURCED', 'OTHER_LAW'];

function purposeOf(text: string): Purpose | null {
  return PURPOSES.find((each) => each === text.toUpperCase()) ?? null;
}
