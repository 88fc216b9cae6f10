import { businessIdNode, parseBusinessId } from './business-id.ts';

/** Root of the object identifiers of Finnish organisations; the next node is the business id. */
const ORGANISATION_ROOT = '1.2.246.10';

/** What the node after the business id is for (national OID guide for health care). */
export type OidKind =
  | 'organisation'
  | 'code-list'
  | 'unit'
  | 'document'
  | 'software'
  | 'device'
  | 'service-event'
  | 'queue'
  | 'payment-commitment'
  | 'transport'
  | 'message-party'
  | 'controller'
  | 'person'
  | 'patient-document'
  | 'other';

export interface OrganisationOid {
  /** Display form, such as `0204819-8`. */
  readonly businessId: string;
  readonly kind: OidKind;
  /** Nodes after that of the kind. */
  readonly rest: readonly string[];
}

const KINDS: Readonly<Record<string, OidKind>> = {
  5: 'code-list',
  6: 'code-list',
  10: 'unit',
  11: 'document',
  12: 'software',
  13: 'device',
  14: 'service-event',
  15: 'queue',
  16: 'payment-commitment',
  17: 'transport',
  18: 'message-party',
  19: 'controller',
};

/** An object identifier: numbers without leading zeros, at most 64 characters as DICOM and HL7 carry it. */
export function isOid(text: string): boolean {
  return text.length <= 64 && /^[0-2](\.(0|[1-9]\d*))+$/.test(text);
}

/** Reads an OID below an organisation's; undefined when it is none or its business id is wrong. */
export function parseOrganisationOid(oid: string): OrganisationOid | undefined {
  if (!isOid(oid) || !oid.startsWith(`${ORGANISATION_ROOT}.`)) return undefined;
  const [node = '', kindNode, ...rest] = oid.slice(ORGANISATION_ROOT.length + 1).split('.');
  const businessId = parseBusinessId(node);
  if (businessId === undefined || businessIdNode(businessId) !== node) return undefined;
  return { businessId, kind: kindNode === undefined ? 'organisation' : kindOf(kindNode), rest };
}

/** The OID of the organisation with this business id. */
export function organisationOid(businessId: string): string {
  return `${ORGANISATION_ROOT}.${businessIdNode(businessId)}`;
}

// Some systems write the service event node with a suffix joined to it: 14011.
function kindOf(node: string): OidKind {
  const number = Number(node);
  if (number >= 21 && number <= 29) return 'person';
  if (number >= 91 && number <= 94) return 'patient-document';
  return KINDS[node] ?? (/^14\d+$/.test(node) ? 'service-event' : 'other');
}
