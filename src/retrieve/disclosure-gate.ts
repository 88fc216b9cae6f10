import type { PatientKey, PermittedStudies } from '../index/disclosure/disclosure-types.ts';
import type { GuestIndex } from '../index/index-service.ts';
import type { EncodedFacts } from '../index/disclosure/facts-codec.ts';

/** A request that would reveal studies. */
export interface GatedRequest {
  /** What the association policy put on the association. */
  readonly principal: unknown;
  readonly associationId: number | string;
  readonly operation: 'C-FIND' | 'C-MOVE' | 'C-GET';
  /** Text of the agreed attribute (`claimTag`) in the identifier; '' for none. */
  readonly claim: string;
  /** AE title that the data is moved to; '' when it goes to whoever asks. */
  readonly destination: string;
  /** What is asked by: keys without their values, for the log. */
  readonly criteria: string;
}

/**
 * Port: decides what this principal may learn. A study that is not permitted is treated everywhere as one that does not exist.
 */
export interface DisclosureGate {
  /** Attribute of an identifier by which the peer says who asks and why, and that is no key; undefined for none. */
  readonly claimTag: number | undefined;
  begin(request: GatedRequest): Promise<RequestGate>;
}

/**
 * What the asker itself has sent into studies of others, as it would be answered if these did not exist, with the gate for it. What the archive
 * shows of such a study is shown from there alone.
 */
export interface GuestSide {
  readonly index: GuestIndex;
  readonly gate: RequestGate;
}

/** The answers for one request; each is given once and remembered. */
export interface RequestGate {
  /** Undefined when the asker has sent nothing of the kind. */
  readonly guests?: GuestSide | undefined;
  /** True when nothing is ever withheld, so that callers can skip work that only serves the question. */
  readonly isOpen: boolean;
  /** Whether what is shown has to be told to `reveal`, and what was found out of it to `learn`. */
  readonly keepsLog: boolean;
  /** Takes what the search has found out on its way, so that it is not asked for again. */
  learn(facts: EncodedFacts): void;
  /** Those of the studies that may be shown. */
  permitted(studyUids: readonly string[]): Promise<ReadonlySet<string>>;
  /** Of each patient; undefined for one of whom nothing may be known. `rejectedToo`: also what rejection notes hide. */
  permittedOf(patients: readonly PatientKey[], rejectedToo: boolean): Promise<(PermittedStudies | undefined)[]>;
  /** Resolves when it is on record that these studies are shown: they may not be before. `last` ends the request with its count. */
  reveal(studyUids: readonly string[], last?: { readonly items: number }): Promise<void>;
  /** Puts on record that nobody has confirmed any of what was revealed. */
  undelivered(reason: string): Promise<void>;
}

const OPEN: RequestGate = {
  isOpen: true,
  keepsLog: false,
  learn: () => undefined,
  permitted: async (studyUids) => new Set(studyUids),
  permittedOf: () => {
    throw new TypeError('an open gate knows no patients: look at isOpen first');
  },
  reveal: async () => undefined,
  undelivered: async () => undefined,
};

/** No disclosure control and no log: everyone who may associate sees everything. */
export const PERMIT_ALL: DisclosureGate = { claimTag: undefined, begin: async () => OPEN };
