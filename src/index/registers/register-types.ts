export const ORGANISATION_KINDS = ['public', 'private', 'statement-only'] as const;
export type OrganisationKind = (typeof ORGANISATION_KINDS)[number];

/** An organisation that archives, or that only gives statements. Days are YYYYMMDD, '' for none. */
export interface OrganisationRow {
  /** What the AE register and node.organisation name it by. */
  readonly key: string;
  readonly name: string;
  readonly oid: string;
  readonly kind: OrganisationKind;
  /** Rekisterinpitäjä: who is responsible for the register that its studies belong to. */
  readonly controllerOid: string;
  readonly registerCode: string;
  /** Rekisterin tarkenne; '' when the register has none. */
  readonly registerSpecifier: string;
  /** The calling AE title under which its studies go to the archive; '' when it does not archive. */
  readonly egressAet: string;
  /** The certified combination of systems it uses; '' when any certification counts for it. */
  readonly systemEntity: string;
  readonly joinedOn: string;
  readonly attributes: Readonly<Record<string, string>>;
}

export const PRODUCTION_STATES = ['PLANNED', 'TEST', 'COMMISSIONING', 'PRODUCTION', 'SUSPENDED'] as const;
export type ProductionState = (typeof PRODUCTION_STATES)[number];

/** From which day a controller is in which state for one content type. */
export interface NewEnablement {
  readonly controllerOid: string;
  readonly contentType: string;
  readonly state: ProductionState;
  /** YYYYMMDD */
  readonly from: string;
  readonly note: string;
  /** Milliseconds since 1970 UTC. */
  readonly recordedAt: number;
}

export interface EnablementRow extends NewEnablement {
  readonly id: number;
}

/** That a system entity (a combination of systems) may archive. Days are YYYYMMDD. */
export interface CertificationRow {
  readonly registerId: string;
  readonly systemEntity: string;
  readonly version: string;
  readonly class: string;
  readonly contentTypes: readonly string[];
  readonly specVersions: readonly string[];
  readonly jointTestDay: string;
  readonly validFrom: string;
  /** The last day of its validity. */
  readonly validTo: string;
}
