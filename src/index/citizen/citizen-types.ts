import type { DocumentKind } from '../documents/document-types.ts';

/** Days after which the patient sees documents of this kind of a controller. */
export interface DisplayDelay {
  readonly controllerOid: string;
  readonly kind: DocumentKind;
  readonly days: number;
}

export interface NewGuardianship {
  readonly child: string;
  readonly guardian: string;
  /** YYYYMMDD */
  readonly validFrom: string;
  /** The last day; '' for now. */
  readonly validUntil: string;
  /** False: a coded division of custody leaves health care to the other guardian. */
  readonly health: boolean;
  readonly recordedAt: number;
  readonly recordedBy: string;
}

export interface Guardianship extends NewGuardianship {
  readonly id: number;
}

export interface CitizenPerson {
  readonly person: string;
  /** YYYYMMDD, '' when alive. */
  readonly deceasedOn: string;
  /** Turvakielto: name and address are not shown to others. */
  readonly nonDisclosure: boolean;
}

export interface NewShare {
  /** SHA-256 of the token in hex. */
  readonly tokenSha256: string;
  readonly person: string;
  readonly madeBy: string;
  readonly documents: readonly string[];
  readonly madeAt: number;
  readonly expiresAt: number;
}

/** A link as whoever has its token meets it. */
export type OpenShare = Pick<Share, 'id' | 'person' | 'madeBy' | 'documents'>;

export interface Share extends Omit<NewShare, 'tokenSha256'> {
  readonly id: number;
  readonly openedAt: number | null;
  readonly endedAt: number | null;
}
