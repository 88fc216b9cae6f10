import type { OrganisationRow } from '../registers/register-types.ts';

/** What every row of the registers of will, authorisation and care has in common. Times are ms since 1970. */
export interface Recorded {
  readonly id: number;
  /** Patient ID as the studies carry it, in capitals: a HETU. '' in an authorisation for a whole register. */
  readonly patientId: string;
  /** In force from here, */
  readonly validFrom: number;
  /** and until before this; null: for now. */
  readonly validUntil: number | null;
  /** Counts the rows that followed one another under the same source id. */
  readonly version: number;
  /** Identifier of the record where it came from; '' when it was made here. */
  readonly sourceId: string;
  readonly recordedAt: number;
  readonly recordedBy: string;
  /** When and by whom its end was recorded. */
  readonly endedAt: number | null;
  readonly endedBy: string;
}

/** Who expressed a will, and where: in the citizen's service or at a provider's. */
export interface Expressed {
  readonly givenBy: 'patient' | 'guardian';
  readonly via: 'citizen' | 'provider';
}

/** A consent to disclosure. An update is a new row, whose `validFrom` is the day of the update. */
export interface Consent extends Recorded, Expressed {
  readonly kind: 'suostumus' | 'luovutuslupa';
}

/** A denial of disclosure; the fields that its scope does not name are ''. */
export interface Denial extends Recorded, Expressed {
  readonly scope: 'all' | 'service-event' | 'provider' | 'private-occupational' | 'group';
  readonly serviceEvent: string;
  readonly controller: string;
  readonly registerCode: string;
  readonly groupName: string;
  /** The patient allows use in an emergency nevertheless. */
  readonly emergencyAllowed: boolean;
}

/** The patient has been informed of the archive's services with this version of the text. */
export interface Informing extends Recorded {
  readonly informingVersion: string;
}

/** Outsourced care (ostopalvelun valtuutus): the producer may search the organiser's register. */
export interface Authorisation extends Recorded {
  readonly organiser: string;
  readonly organiserUnit: string;
  readonly producer: string;
  readonly searchController: string;
  readonly searchRegister: string;
  readonly searchSpecifier: string;
  readonly storageController: string;
  readonly storageRegister: string;
  readonly storageSpecifier: string;
  /** No limit by period or service event. */
  readonly allDocuments: boolean;
  /** YYYYMMDD, both inclusive; '' for no limit. */
  readonly materialFrom: string;
  readonly materialUntil: string;
  readonly serviceEvents: readonly string[];
}

/** The patient is in the care of this controller. */
export interface CareRelation extends Recorded {
  readonly controller: string;
}

/** Name of each register with the rows it keeps. */
export interface WillRegisters {
  readonly consent: Consent;
  readonly denial: Denial;
  readonly informing: Informing;
  readonly authorisation: Authorisation;
  readonly relation: CareRelation;
}
export type WillRegister = keyof WillRegisters;

/** A row to be recorded, with its register. */
export type NewWill = {
  [Name in WillRegister]: {
    readonly register: Name;
    readonly row: Omit<WillRegisters[Name], 'id' | 'version' | 'endedAt' | 'endedBy'>;
  };
}[WillRegister];

/** `known`: the same record came from the same source before. `replaced`: it came with other content, which no longer counts. */
export interface PutOutcome {
  readonly kind: 'recorded' | 'known' | 'replaced';
  readonly id: number;
}

/** From when rows no longer count, and who recorded that when. */
export interface WillEnd {
  readonly validUntil: number;
  readonly endedAt: number;
  readonly endedBy: string;
}

/** Everything in the registers that decides about one patient's data. */
export interface PatientWill {
  readonly consents: readonly Consent[];
  readonly denials: readonly Denial[];
  readonly informings: readonly Informing[];
  readonly authorisations: readonly Authorisation[];
  readonly relations: readonly CareRelation[];
}

/** Who asks, as the registers know it. */
export interface AskerFacts {
  readonly organisations: readonly OrganisationRow[];
  /** For a whole register, of any of them as producer. */
  readonly authorisations: readonly Authorisation[];
}

export interface PatientKey {
  readonly patientId: string;
  /** '' for none */
  readonly issuer: string;
  /** Of several with this Patient ID, each with what other organisations say, the one that is meant. */
  readonly row?: number;
}

/** What deciding about a study needs of it. */
export interface DisclosedStudy {
  readonly studyInstanceUid: string;
  /** As the objects have it. */
  readonly patientId: string;
  readonly issuer: string;
  /** YYYYMMDD, '' for none */
  readonly birthDate: string;
  readonly studyDate: string;
  /** Of the AE that sent its first object; null for none. */
  readonly organisation: string | null;
  readonly controller: string;
  readonly registerCode: string;
  readonly specifier: string;
  readonly kind: 'public' | 'private' | 'unknown';
  readonly serviceEvent: string;
}

export interface CountedStudy extends DisclosedStudy {
  /** Of its patient, as `PatientKey` has it. */
  readonly patientRow: number;
  readonly series: number;
  readonly instances: number;
}

/** What may be known of a patient: the permitted studies, and what they hold. */
export interface PermittedStudies {
  readonly studyUids: readonly string[];
  readonly series: number;
  readonly instances: number;
  /** Nothing of the patient is withheld. */
  readonly isWhole: boolean;
}

/** Studies, and what the registers say of their patients (in capitals). */
export interface DisclosureFacts {
  readonly studies: readonly DisclosedStudy[];
  readonly wills: readonly (readonly [patientId: string, will: PatientWill])[];
}
