import type { NewAuditMessage } from '../audit/audit-types.ts';

export type DocumentKind = 'request' | 'entry' | 'statement';
export type DocumentState = 'current' | 'replaced' | 'invalidated';
export type DocumentKeyKind = 'study' | 'accession' | 'event';

/** What is told of one version of a care document. Times are ms since 1970 UTC, OIDs and UIDs dotted text. */
export interface DocumentFacts {
  readonly oid: string;
  readonly setId: string;
  readonly version: number;
  readonly kind: DocumentKind;
  readonly patientId: string;
  readonly patientIdRoot: string;
  readonly controllerOid: string;
  readonly registerCode: string;
  readonly registerSpecifier: string;
  readonly serviceEventOid: string;
  readonly examinationCode: string;
  readonly examinationScheme: string;
  readonly effectiveTime: string;
  readonly effectiveAt: number;
  /** YYYYMMDD; null: at once. */
  readonly displayFrom: string | null;
  readonly minorCapacity: number | null;
  /** JSON of everything that was read but the sections. */
  readonly header: string;
  readonly sha256: string;
  readonly size: number;
  readonly source: string;
  readonly sopInstanceUid: string | null;
  readonly receivedAt: number;
}

export interface NewDocument extends DocumentFacts {
  /** OID of the version that it replaces. */
  readonly replaces: string | null;
  readonly invalidates: boolean;
  readonly studyUids: readonly string[];
  readonly accessionNumbers: readonly string[];
  /** Patient identifiers below another root are temporary: a later version may name the person. */
  readonly permanentIdRoot: string;
  /** As an object it may come from the organisation alone in whose register it is, or that stores for its controller. */
  readonly ownRegisterOnly: boolean;
  /** Of a request: earlier studies are to be fetched from the archive. */
  readonly wantsPriors: boolean;
  /** Of a request: comparable examinations begin with `prefix` and are not older than `since` (YYYYMMDD). */
  readonly duplicates: { readonly prefix: string; readonly since: string } | null;
  /** For the audit trail when it is new, in the same transaction. */
  readonly audited: readonly NewAuditMessage[];
}

/** `refused`: the register's rules speak against it. `studies`: those that are in the index and that the document belongs to. */
export type DocumentPutResult =
  | { readonly result: 'new'; readonly documentId: number; readonly studies: readonly string[] }
  | { readonly result: 'duplicate'; readonly documentId: number; readonly studies: readonly string[] }
  | { readonly result: 'refused'; readonly code: string; readonly text: string };

export interface DocumentRow extends DocumentFacts {
  readonly id: number;
  readonly state: DocumentState;
  readonly stateAt: number;
  readonly stateReason: string;
  readonly duplicates: number;
}

export interface DocumentQuery {
  readonly limit: number;
  /** Rows with a smaller id, for the next page. */
  readonly before?: number;
  readonly patientId?: string;
  readonly kind?: DocumentKind;
  readonly state?: DocumentState;
  readonly setId?: string;
  readonly serviceEventOid?: string;
}

export interface NewRefusal {
  readonly sha256: string;
  readonly size: number;
  readonly code: string;
  readonly reason: string;
  readonly source: string;
  readonly isKept: boolean;
  readonly oid: string;
  readonly sopInstanceUid: string | null;
  readonly receivedAt: number;
  /** For the audit trail, in the same transaction. */
  readonly audited: readonly NewAuditMessage[];
}

export interface RefusalRow extends Omit<NewRefusal, 'audited'> {
  readonly id: number;
  readonly times: number;
}

/** How a document belongs to a study. */
export type LinkedBy = DocumentKeyKind | 'hand';

export interface LinkedDocument extends DocumentRow {
  readonly linkedBy: LinkedBy;
}

/** What the register has for one study, current versions alone. */
export interface StudyDocuments {
  readonly request: number;
  readonly entry: number;
  readonly statement: number;
}

/** An instance that carries a CDA (PS3.3 A.45.2), for the register. */
export interface EncapsulatedRow {
  readonly instanceId: number;
  readonly sopInstanceUid: string;
  readonly sha256: string;
  readonly size: number;
  readonly receivedAt: number;
  readonly sender: string;
}

export const RECONCILE_KINDS = [
  'images-without-documents',
  'documents-without-images',
  'code-mismatch',
  'patient-mismatch',
] as const;
export type ReconcileKind = (typeof RECONCILE_KINDS)[number];

/** What the profile demands of documents and studies that belong together. */
export interface ReconcileRules {
  /** Kinds without which a study waits. */
  readonly required: readonly DocumentKind[];
  /** Leading characters of an examination code that must agree. */
  readonly codePrefix: number;
}

/** Something that a person has to look at. */
export interface ReconcileItem {
  readonly kind: ReconcileKind;
  /** Null when the item is about a document alone. */
  readonly studyInstanceUid: string | null;
  /** Null when the item is about a study alone. */
  readonly documentOid: string | null;
  readonly documentKind: DocumentKind | null;
  readonly patientId: string;
  /** Milliseconds since 1970 UTC. */
  readonly since: number;
  readonly detail: string;
}

export interface ReconcileCount {
  readonly kind: ReconcileKind | 'refused-documents';
  readonly items: number;
  /** Older than the deadline. */
  readonly overdue: number;
}
