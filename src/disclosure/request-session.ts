import type { AskerNames, DisclosedStudy, PatientKey, PatientWill } from '../index/disclosure/disclosure-types.ts';
import { parseHetu } from '../identity/hetu.ts';
import { decide } from './decide.ts';
import type { DisclosureRegisters } from './disclosure-control.ts';
import type { DisclosureEntry, DisclosureLog, LoggedRequest } from './disclosure-log.ts';
import type { Decision, DisclosurePolicy, Requester, Resource } from './question.ts';

export interface SessionParts {
  readonly registers: Pick<DisclosureRegisters, 'disclosedStudies' | 'disclosedStudiesOf' | 'patientWills'>;
  readonly policy: DisclosurePolicy;
  readonly log: DisclosureLog;
  readonly at: number;
  /** YYYYMMDD on which `at` falls */
  readonly day: string;
  readonly request: LoggedRequest;
  /** Everyone who would come to know: all of them must be permitted. */
  readonly parties: readonly Requester[];
  readonly names: AskerNames;
}

/** A document, or anything else that is not found by a study's UID. */
export interface DisclosedDocument extends Resource {
  readonly documentId: string;
  readonly patientId: string;
  readonly issuer: string;
}

/** The permitted studies of a patient, and what they hold. */
export interface PermittedStudies {
  readonly studyUids: readonly string[];
  readonly series: number;
  readonly instances: number;
}

interface Judged {
  readonly resource: Resource;
  readonly patient: PatientKey;
  readonly decision: Decision;
}

/** The decisions of one request: each study is decided once, the registers of a patient are read once. */
export class RequestSession {
  /** Something may be withheld. */
  readonly isOpen = false;
  readonly #parts: SessionParts;
  readonly #studies = new Map<string, Judged | undefined>();
  readonly #wills = new Map<string, PatientWill>();
  readonly #shown = new Set<string>();

  constructor(parts: SessionParts) {
    this.#parts = parts;
  }

  /** Those of the studies that may be shown. */
  async permitted(studyUids: readonly string[]): Promise<ReadonlySet<string>> {
    const unknown = [...new Set(studyUids)].filter((uid) => !this.#studies.has(uid));
    if (unknown.length > 0) {
      const found = await this.#parts.registers.disclosedStudies(unknown);
      await this.#judge(found);
      for (const uid of unknown) if (!this.#studies.has(uid)) this.#studies.set(uid, undefined);
    }
    return new Set(studyUids.filter((uid) => this.#studies.get(uid)?.decision.outcome === 'permit'));
  }

  /** What may be known of each patient; undefined for one of whom nothing may. */
  async permittedOf(patients: readonly PatientKey[], rejectedToo: boolean): Promise<(PermittedStudies | undefined)[]> {
    const found = await this.#parts.registers.disclosedStudiesOf(patients, rejectedToo);
    await this.#judge(found.flat());
    return found.map((studies) => {
      const shown = studies.filter(({ studyInstanceUid }) => {
        return this.#studies.get(studyInstanceUid)?.decision.outcome === 'permit';
      });
      if (shown.length === 0) return undefined;
      return {
        studyUids: shown.map(({ studyInstanceUid }) => studyInstanceUid),
        series: shown.reduce((sum, { series }) => sum + series, 0),
        instances: shown.reduce((sum, { instances }) => sum + instances, 0),
      };
    });
  }

  /** The ids of those documents that may be shown; what is shown and what is not is in the log when this resolves. */
  async revealDocuments(documents: readonly DisclosedDocument[]): Promise<ReadonlySet<string>> {
    await this.#readWills(documents.map(({ patientId }) => patientId));
    const judged = documents.map((document) => this.#judgeOne(document, document, birthDateOf(document.patientId, '')));
    await this.#record(judged.map((each, at) => this.#entry('DOCUMENT', documents[at]!.documentId, each)));
    return new Set(
      documents.filter((_, at) => judged[at]?.decision.outcome === 'permit').map(({ documentId }) => documentId),
    );
  }

  /**
   * Resolves when it is on the disk that these studies are shown; only then may they be. The last call of a request says how many
   * items it gave, and takes with it what was there and withheld.
   */
  async reveal(studyUids: readonly string[], last?: { readonly items: number }): Promise<void> {
    const entries: DisclosureEntry[] = [];
    for (const uid of new Set(studyUids)) {
      const judged = this.#studies.get(uid);
      if (judged === undefined || this.#shown.has(uid)) continue;
      this.#shown.add(uid);
      entries.push(this.#entry('STUDY', uid, judged));
    }
    if (last !== undefined) {
      // In one commit with the summary that every request has: a withheld study costs no more time than none.
      for (const [uid, judged] of this.#studies) {
        if (judged?.decision.outcome === 'deny') entries.push(this.#entry('STUDY', uid, judged));
      }
      const { at, request } = this.#parts;
      entries.push({ event: 'REQUEST', at, request, itemsReturned: last.items });
    }
    await this.#record(entries);
  }

  async #judge(studies: readonly DisclosedStudy[]): Promise<void> {
    const fresh = studies.filter(({ studyInstanceUid }) => !this.#studies.has(studyInstanceUid));
    await this.#readWills(fresh.map(({ patientId }) => patientId));
    for (const study of fresh) {
      const resource: Resource = { ...study, created: study.studyDate };
      const birthDate = birthDateOf(study.patientId, study.birthDate);
      this.#studies.set(study.studyInstanceUid, this.#judgeOne(resource, study, birthDate));
    }
  }

  #judgeOne(resource: Resource, { patientId, issuer }: PatientKey, birthDate: string): Judged {
    const { at, day, parties, policy, request } = this.#parts;
    const will = this.#wills.get(capitals(patientId));
    if (will === undefined) throw new TypeError('the registers of this patient have not been read');
    const { purpose, specialReason, channel } = request;
    const decisions = parties.map((requester) =>
      decide({ at, requester, resource, birthDate, will, purpose, specialReason, channel }, policy, day),
    );
    const decision = decisions.find(({ outcome }) => outcome === 'deny') ?? decisions[0];
    if (decision === undefined) throw new TypeError('nobody asks');
    return { resource, patient: { patientId, issuer }, decision };
  }

  async #readWills(patientIds: readonly string[]): Promise<void> {
    const unknown = [...new Set(patientIds.map(capitals))].filter((id) => !this.#wills.has(id));
    if (unknown.length === 0) return;
    const wills = await this.#parts.registers.patientWills(unknown, this.#parts.names);
    unknown.forEach((id, at) => {
      const will = wills[at];
      if (will !== undefined) this.#wills.set(id, will);
    });
  }

  async #record(entries: readonly DisclosureEntry[]): Promise<void> {
    if (entries.length > 0) await this.#parts.log.record(entries);
  }

  #entry(event: 'STUDY' | 'DOCUMENT', itemId: string, { resource, patient, decision }: Judged): DisclosureEntry {
    const { at, request } = this.#parts;
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

function capitals(patientId: string): string {
  return patientId.trim().toUpperCase();
}

/** A personal identity code says it best; else what the objects say. */
function birthDateOf(patientId: string, written: string): string {
  const parsed = parseHetu(patientId);
  return 'hetu' in parsed ? parsed.hetu.birthDate : written;
}
