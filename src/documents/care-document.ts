import type { DocumentKind } from '../profile/documents-section.ts';
import type { CdaTime } from './cda-time.ts';

export interface CdaCode {
  readonly code: string;
  readonly codeSystem: string;
  readonly displayName: string;
}

export interface CdaAuthor {
  readonly name: string;
  /** `extension` under the OID `root`, or '' when the root alone is the identifier. */
  readonly idRoot: string;
  readonly idExtension: string;
  readonly time: string;
  readonly organisationOid: string;
  readonly organisationName: string;
}

export interface CdaSection {
  readonly title: string;
  readonly code: CdaCode | null;
  /** Narrative as plain text, a line a paragraph. */
  readonly text: string;
}

/** A care document as its CDA says it. Identifiers are OIDs in dotted form. */
export interface CareDocument {
  readonly oid: string;
  readonly setId: string;
  readonly version: number;
  readonly kind: DocumentKind;
  readonly templates: readonly string[];
  readonly code: CdaCode;
  readonly title: string;
  readonly language: string;
  readonly effectiveTime: CdaTime;
  readonly authors: readonly CdaAuthor[];
  readonly patient: {
    readonly id: string;
    readonly idRoot: string;
    readonly familyName: string;
    readonly givenNames: string;
    /** YYYYMMDD or ''. */
    readonly birthDate: string;
    readonly sex: string;
  };
  readonly controllerOid: string;
  readonly controllerName: string;
  readonly registerCode: string;
  readonly registerSpecifier: string;
  readonly serviceEventOid: string;
  /** As written; '' when the document does not say. */
  readonly serviceStartTime: string;
  readonly studyUids: readonly string[];
  readonly accessionNumbers: readonly string[];
  readonly examinations: readonly CdaCode[];
  /** YYYYMMDD, first day on which the patient may see it; null: at once. */
  readonly displayFrom: string | null;
  /** Decision capacity of a minor, 1 to 4; null when the document does not say. */
  readonly minorCapacity: number | null;
  /** OID of the version that it replaces. */
  readonly replaces: string | null;
  /** It only says that the version it replaces is invalid (mitätöinti). */
  readonly invalidates: boolean;
  /** Media types of what is embedded, such as application/pdf; '' for bytes of no stated type. */
  readonly embedded: readonly string[];
  readonly sections: readonly CdaSection[];
}
