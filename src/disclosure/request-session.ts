import type {
  DisclosureFacts,
  PatientKey,
  PatientWill,
  PermittedStudies,
} from '../index/disclosure/disclosure-types.ts';
import { decodeFacts } from '../index/disclosure/facts-codec.ts';
import type { EncodedFacts } from '../index/disclosure/facts-codec.ts';
import { registeredId } from '../index/disclosure/registered-id.ts';
import { birthDateOf } from './birth-date-of.ts';
import { isOwnRegister } from './controllers.ts';
import { decide } from './decide.ts';
import type { DisclosureRegisters, Parties } from './disclosure-control.ts';
import type { DisclosureEntry, DisclosureLog, LoggedRequest } from './disclosure-log.ts';
import { permittedStudies } from './permitted-studies.ts';
import type { Decision, DisclosurePolicy, Requester, Resource } from './question.ts';

export interface SessionParts {
  /** False: nothing is withheld, and the log says who has seen what. */
  readonly decides: boolean;
  readonly registers: Omit<DisclosureRegisters, 'asker' | 'organisationOf'>;
  readonly policy: DisclosurePolicy;
  readonly log: DisclosureLog;
  readonly at: number;
  /** YYYYMMDD on which `at` falls */
  readonly day: string;
  readonly parties: Promise<Parties>;
}

/** A document, or anything else that is not found by a study's UID. */
export interface DisclosedDocument extends Resource {
  readonly documentId: string;
  readonly patientId: string;
  readonly issuer: string;
}

interface Judged {
  readonly resource: Resource;
  readonly patient: PatientKey;
  readonly decision: Decision;
}

const ADMINISTERED = {
  outcome: 'permit',
  basis: 'OWN_REGISTER',
  logKind: 'USE',
  reasonCode: 'ADMINISTRATION',
} as const satisfies Partial<Decision>;

/** The decisions of one request: each study is decided once, the registers of a patient are read once. */
export class RequestSession {
  /** Nothing is withheld. */
  readonly isOpen: boolean;
  readonly keepsLog = true;
  readonly #parts: SessionParts;
  readonly #studies = new Map<string, Judged | undefined>();
  readonly #documents = new Map<string, Judged>();
  readonly #wills = new Map<string, PatientWill>();
  /** What the search came upon; more may have been looked up ahead. */
  readonly #met = new Set<string>();
  readonly #shown = new Set<string>();
  readonly #parties: Promise<Parties>;
  #learned: EncodedFacts[] = [];
  #leftOut: ReadonlySet<string> = new Set();

  constructor(parts: SessionParts) {
    this.#parts = parts;
    this.isOpen = !parts.decides;
    this.#parties = parts.parties;
    // Whoever asks first meets the failure.
    this.#parties.catch(() => undefined);
  }

  /** The request as the log has it. */
  async asked(): Promise<LoggedRequest> {
    return (await this.#parties).request;
  }

  /** Decides for the same request about studies that other registers know. */
  beside(registers: SessionParts['registers']): RequestSession {
    return new RequestSession({ ...this.#parts, registers });
  }

  /** These studies are answered from elsewhere: here they count as not permitted, and are not logged. */
  leaveOut(studyUids: ReadonlySet<string>): void {
    this.#leftOut = studyUids;
  }

  /** Facts that came with the search; they are judged when it is asked for them. */
  learn(facts: EncodedFacts): void {
    this.#learned.push(facts);
  }

  /** Those of the studies that may be shown. */
  async permitted(studyUids: readonly string[]): Promise<ReadonlySet<string>> {
    const permitted = await this.wouldPermit(studyUids);
    for (const uid of studyUids) this.#met.add(uid);
    return permitted;
  }

  /** As `permitted`, of studies that nobody has asked for: what is withheld of them is not logged. */
  async wouldPermit(studyUids: readonly string[]): Promise<ReadonlySet<string>> {
    const parties = await this.#begun();
    const unknown = [...new Set(studyUids)].filter((uid) => !this.#studies.has(uid));
    if (unknown.length > 0) {
      this.#judge(await this.#parts.registers.ofStudies(unknown, this.#known()), parties);
      for (const uid of unknown) if (!this.#studies.has(uid)) this.#studies.set(uid, undefined);
    }
    return new Set(studyUids.filter((uid) => this.#isPermitted(uid)));
  }

  /** What may be known of each patient; undefined for one of whom nothing may. */
  async permittedOf(patients: readonly PatientKey[], rejectedToo: boolean): Promise<(PermittedStudies | undefined)[]> {
    const parties = await this.#begun();
    const { studies: found, wills } = await this.#parts.registers.ofPatients(patients, rejectedToo, this.#known());
    this.#judge({ studies: found.flat(), wills }, parties);
    return found.map((studies, at) => {
      for (const { studyInstanceUid } of studies) this.#met.add(studyInstanceUid);
      const here = studies.filter(({ studyInstanceUid }) => !this.#leftOut.has(studyInstanceUid));
      return permittedStudies(here, (uid) => this.#isPermitted(uid), patients[at]?.row);
    });
  }

  /** The ids of those documents that may be shown. */
  async permittedDocuments(documents: readonly DisclosedDocument[]): Promise<ReadonlySet<string>> {
    const parties = await this.#begun();
    const ids = new Set(documents.map(({ patientId }) => registeredId(patientId)));
    const unknown = [...ids].filter((id) => this.#parts.decides && !this.#wills.has(id));
    if (unknown.length > 0) this.#learn(await this.#parts.registers.wills(unknown), parties);
    for (const document of documents) {
      const birthDate = birthDateOf(document.patientId, '');
      this.#documents.set(document.documentId, this.#judgeOne(document, document, birthDate, parties));
    }
    const permitted = documents.filter(({ documentId }) => isPermitted(this.#documents.get(documentId)));
    return new Set(permitted.map(({ documentId }) => documentId));
  }

  /**
   * Resolves when it is on the disk that these studies and documents are shown; only then may they be. The last call of a request says
   * how many items it gave, and takes with it what was there and withheld.
   */
  async reveal(
    studyUids: readonly string[],
    last?: { readonly items: number },
    documentIds: readonly string[] = [],
  ): Promise<void> {
    const parties = await this.#begun();
    const entries: DisclosureEntry[] = [];
    for (const uid of new Set(studyUids)) {
      const judged = this.#studies.get(uid);
      if (judged === undefined || !this.#isPermitted(uid) || this.#shown.has(uid)) continue;
      this.#shown.add(uid);
      entries.push(this.#entry('STUDY', uid, judged, parties));
    }
    for (const id of new Set(documentIds)) {
      const judged = this.#documents.get(id);
      if (judged !== undefined) entries.push(this.#entry('DOCUMENT', id, judged, parties));
    }
    if (last !== undefined) {
      // In one commit with the summary that every request has: a withheld study costs no more time than none.
      for (const uid of this.#met) {
        const judged = this.#studies.get(uid);
        if (judged?.decision.outcome === 'deny') entries.push(this.#entry('STUDY', uid, judged, parties));
      }
      for (const [id, judged] of this.#documents)
        if (judged.decision.outcome === 'deny') entries.push(this.#entry('DOCUMENT', id, judged, parties));
      // Without decisions there is nothing to hide in that commit: what was shown says that it was asked for.
      if (this.#parts.decides || (this.#shown.size === 0 && entries.length === 0))
        entries.push({ event: 'REQUEST', at: this.#parts.at, request: parties.request, itemsReturned: last.items });
    }
    await this.#record(entries);
  }

  /**
   * Nobody has confirmed any of it: said on record of each study. What stands there as shown stays: an association that is lost in the
   * middle may have carried something.
   */
  async undelivered(failure: string): Promise<void> {
    const parties = await this.#begun();
    const judged = [...this.#shown].flatMap((uid) => {
      const each = this.#studies.get(uid);
      return each === undefined ? [] : [{ ...this.#entry('STUDY', uid, each, parties), failure }];
    });
    await this.#record(judged);
  }

  async #begun(): Promise<Parties> {
    const parties = await this.#parties;
    for (const facts of this.#learned) this.#judge(decodeFacts(facts), parties);
    this.#learned = [];
    return parties;
  }

  #isPermitted(uid: string): boolean {
    return !this.#leftOut.has(uid) && isPermitted(this.#studies.get(uid));
  }

  /** Patients whose registers need not be read. */
  #known(): string[] | 'all' {
    return this.#parts.decides ? [...this.#wills.keys()] : 'all';
  }

  #learn(wills: DisclosureFacts['wills'], { authorisations }: Parties): void {
    for (const [id, will] of wills) {
      this.#wills.set(id, { ...will, authorisations: [...will.authorisations, ...authorisations] });
    }
  }

  #judge({ studies, wills }: DisclosureFacts, parties: Parties): void {
    this.#learn(wills, parties);
    for (const study of studies) {
      if (this.#studies.has(study.studyInstanceUid)) continue;
      const resource: Resource = { ...study, created: study.studyDate };
      const birthDate = birthDateOf(study.patientId, study.birthDate);
      this.#studies.set(study.studyInstanceUid, this.#judgeOne(resource, study, birthDate, parties));
    }
  }

  #judgeOne(
    resource: Resource,
    { patientId, issuer }: PatientKey,
    birthDate: string,
    { all, request }: Parties,
  ): Judged {
    const { at, day, policy, decides } = this.#parts;
    if (!decides)
      return { resource, patient: { patientId, issuer }, decision: this.#undecided(resource, all, request) };
    const will = this.#wills.get(registeredId(patientId));
    if (will === undefined) throw new TypeError('the registers of this patient have not been read');
    const { purpose, specialReason, channel } = request;
    const decisions = all.map((requester) =>
      decide({ at, requester, resource, birthDate, will, purpose, specialReason, channel }, policy, day),
    );
    // Moved from one organisation to another it is in the log as what it is for the one of them whose register it is not.
    const decision =
      decisions.find(({ outcome }) => outcome === 'deny') ??
      decisions.find(({ logKind }) => logKind === 'DISCLOSURE') ??
      decisions[0];
    if (decision === undefined) throw new TypeError('nobody asks');
    const isAdministered =
      request.operation === 'LOCAL' && all.every((requester) => isOwnRegister({ requester, resource }, policy, day));
    // Whoever administers a register has it in his hands: no relation is asked for, and the log says how it was seen.
    const granted = isAdministered && decision.outcome === 'deny' ? { ...decision, ...ADMINISTERED } : decision;
    return { resource, patient: { patientId, issuer }, decision: granted };
  }

  /** Of a node without disclosure control: whatever is asked for is shown. */
  #undecided(resource: Resource, all: readonly Requester[], { operation }: LoggedRequest): Decision {
    const { day, policy } = this.#parts;
    // Whose data it is, and who asks, must be known before it can be said that they are two.
    const another = all.some(
      (requester) =>
        requester.controller !== '' &&
        resource.controller !== '' &&
        !isOwnRegister({ requester, resource }, policy, day),
    );
    const administered = operation === 'LOCAL';
    return {
      outcome: 'permit',
      basis: null,
      logKind: another && !administered ? 'DISCLOSURE' : 'USE',
      reasonCode: administered ? 'ADMINISTRATION' : 'NOT_CONTROLLED',
      flagged: false,
      law: '',
    };
  }

  async #record(entries: readonly DisclosureEntry[]): Promise<void> {
    if (entries.length > 0) await this.#parts.log.record(entries);
  }

  #entry(
    event: 'STUDY' | 'DOCUMENT',
    itemId: string,
    { resource, patient, decision }: Judged,
    { request }: Parties,
  ): DisclosureEntry {
    const { at } = this.#parts;
    return {
      event,
      at,
      request,
      itemId,
      patientId: patient.patientId,
      patientIdIssuer: patient.issuer,
      controller: resource.controller,
      registerCode: resource.registerCode,
      specifier: resource.specifier,
      resourceServiceEvent: resource.serviceEvent,
      decision,
    };
  }
}

function isPermitted(judged: Judged | undefined): boolean {
  return judged?.decision.outcome === 'permit';
}
