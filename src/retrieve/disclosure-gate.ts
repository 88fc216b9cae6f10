/** What the gate is asked about: one study that a C-FIND, C-MOVE or C-GET would reveal. */
export interface RevealedStudy {
  readonly studyInstanceUid: string;
}

/**
 * Port: decides whether this principal (what the association policy put on the association) may learn of a study.
 * A study that is not permitted is treated everywhere as one that does not exist.
 */
export interface DisclosureGate {
  permits(principal: unknown, study: RevealedStudy): boolean | Promise<boolean>;
}

/** No disclosure control: everyone who may associate sees everything. */
export const PERMIT_ALL: DisclosureGate = { permits: () => true };

/** Remembers the gate's answers for the time of one request, so that it is asked once a study. */
export class RequestGate {
  readonly #gate: DisclosureGate;
  readonly #principal: unknown;
  readonly #answers = new Map<string, boolean>();

  constructor(gate: DisclosureGate, principal: unknown) {
    this.#gate = gate;
    this.#principal = principal;
  }

  /** True when nothing is ever withheld, so that callers can skip work that only serves the question. */
  get isOpen(): boolean {
    return this.#gate === PERMIT_ALL;
  }

  async permits(studyInstanceUid: string): Promise<boolean> {
    if (this.isOpen) return true;
    const known = this.#answers.get(studyInstanceUid);
    if (known !== undefined) return known;
    const answer = await this.#gate.permits(this.#principal, { studyInstanceUid });
    this.#answers.set(studyInstanceUid, answer);
    return answer;
  }
}
