import type { StudyDocuments } from '../documents/document-types.ts';

/** Who issued an identifier (PS3.3 10.14). */
export interface IssuerFact {
  readonly localId: string;
  readonly universalId: string;
  readonly universalType: string;
}

export interface CodeFact {
  readonly value: string;
  readonly scheme: string;
  readonly version: string;
  readonly meaning: string;
}

/** Instances of a series that have SOP class and transfer syntax in common. */
export interface FormatFact {
  readonly sopClassUid: string;
  readonly transferSyntaxUid: string;
  readonly instances: number;
}

/** A series with objects in regular use; `instances` and `bytes` count the rejected ones, too, `formats` do not. */
export interface SeriesFacts {
  readonly seriesInstanceUid: string;
  readonly modality: string;
  readonly seriesNumber: number | null;
  readonly seriesDescription: string;
  readonly bodyPartExamined: string;
  readonly laterality: string;
  readonly instances: number;
  readonly bytes: number;
  readonly formats: readonly FormatFact[];
}

/** What the document register says of a study (0005). */
export interface StudyLinkFacts {
  readonly accessionNumber: string;
  readonly serviceEventOid: string;
  readonly controllerOid: string;
  readonly registerCode: string;
  readonly registerSpecifier: string;
}

/**
 * Everything that rules, queue and manifest need to know of one study. What was rejected (IOCM) is in counts alone. Text is '' where the
 * objects have no value; dates are YYYYMMDD, times HHMMSS.FFFFFF as sent.
 */
export interface StudyFacts {
  readonly studyInstanceUid: string;
  readonly patient: {
    readonly id: string;
    readonly issuer: string;
    readonly issuerQualifier: IssuerFact | null;
    readonly name: string;
    readonly birthDate: string;
    readonly sex: string;
  };
  readonly studyDate: string;
  readonly studyTime: string;
  /** Minutes east of UTC; null when the objects do not say. */
  readonly timezoneOffset: number | null;
  readonly accessionNumber: string;
  readonly accessionIssuer: IssuerFact | null;
  readonly studyId: string;
  readonly referringPhysician: string;
  readonly studyDescription: string;
  readonly procedureCodes: readonly CodeFact[];
  readonly institutionName: string;
  readonly admissionId: string;
  readonly serviceEpisodeId: string;
  /** Key in the register of organisations of whoever sent the first object; null when the AE belongs to none. */
  readonly organisation: string | null;
  /** AE titles that sent objects of the study. */
  readonly senders: readonly string[];
  readonly series: readonly SeriesFacts[];
  readonly instances: number;
  readonly bytes: number;
  /** Milliseconds since 1970 UTC. */
  readonly firstReceivedAt: number;
  readonly lastReceivedAt: number;
  readonly marks: readonly string[];
  /** SOP Instance UIDs of the study under which other bytes came, too; at most twenty, with their number. */
  readonly conflicts: { readonly count: number; readonly sopInstanceUids: readonly string[] };
  /** UIDs of series and instances that break PS3.5 9.1, such as by a leading zero; at most twenty, with their number. */
  readonly oddUids: { readonly count: number; readonly uids: readonly string[] };
  /** It was found in the tree by a reindex of a database that did not know it, and nobody has confirmed it yet. */
  readonly isRebuilt: boolean;
  /** An archive has it, or may have, under the patient that it had before it was given another one. */
  readonly isSentAsOther: boolean;
  readonly link: StudyLinkFacts | null;
  /** Care documents in force that belong to it. */
  readonly documents: StudyDocuments;
}
