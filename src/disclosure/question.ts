import type { PatientWill } from '../index/disclosure/disclosure-types.ts';
import type { Profile } from '../profile/profile.ts';

/** The law and what is agreed, as data. */
export type DisclosurePolicy = Profile['disclosure'];
export type Law = DisclosurePolicy['laws'][number];
export type Basis = Law['bases'][number];
export type Purpose = Basis['purposes'][number];
export type Channel = Basis['channels'][number];

/** A register of a controller (rekisterinpitäjä). */
export interface Register {
  readonly controller: string;
  /** 1.2.246.537.5.40150, such as 2 for public health care. */
  readonly registerCode: string;
  /** rekisterin tarkenne; '' when there is none */
  readonly specifier: string;
}

/** The organisation that asks, and for whom. */
export interface Requester extends Register {
  /** Key in the organisation register; null for none. */
  readonly organisation: string | null;
  /** OIDs that name it as a producer; none: it is not in the organisation register. */
  readonly oids: readonly string[];
  /** '' when no person is named. */
  readonly person: string;
  readonly role: string;
}

/** What would be disclosed: a study or a document. */
export interface Resource extends Register {
  readonly organisation: string | null;
  readonly kind: 'public' | 'private' | 'unknown';
  /** palvelutapahtuma; '' when it is not known */
  readonly serviceEvent: string;
  /** YYYYMMDD, '' when it is not known */
  readonly created: string;
}

export interface Question {
  /** ms since 1970 */
  readonly at: number;
  readonly requester: Requester;
  readonly resource: Resource;
  /** YYYYMMDD, '' when it is not known */
  readonly birthDate: string;
  readonly will: PatientWill;
  /** null: a purpose that nobody knows was stated */
  readonly purpose: Purpose | null;
  /** erityinen syy; '' for none */
  readonly specialReason: string;
  readonly channel: Channel;
}

export type ReasonCode =
  | 'PERMITTED'
  | 'ADMINISTRATION'
  | 'NOT_CONTROLLED'
  | 'NO_LAW'
  | 'UNKNOWN_PURPOSE'
  | 'UNKNOWN_CONTROLLER'
  | 'UNKNOWN_REQUESTER'
  | 'NOT_OWN_REGISTER'
  | 'NO_BASIS'
  | 'NO_ACCESS_RIGHT'
  | 'DENIED'
  | 'NO_AUTHORISATION'
  | 'NOT_IN_GROUP'
  | 'NOT_INFORMED'
  | 'NO_CONSENT'
  | 'CONSENT_NOT_FOR_DIRECT'
  | 'NO_CARE_RELATIONSHIP'
  | 'NO_PERSON'
  | 'CHANNEL';

export interface Decision {
  readonly outcome: 'permit' | 'deny';
  /** null when denied */
  readonly basis: Basis['basis'] | null;
  /** Use of the own register, or disclosure of another's. */
  readonly logKind: 'USE' | 'DISCLOSURE';
  readonly reasonCode: ReasonCode;
  /** To be looked at afterwards: emergency, special reason, another law. */
  readonly flagged: boolean;
  /** Number of the law; '' when none was in force. */
  readonly law: string;
}
