import { nextMidnight, zonedDay } from '../core/zoned-day.ts';
import type {
  AskerFacts,
  Authorisation,
  CountedStudy,
  DisclosureFacts,
  PatientKey,
  PatientWill,
} from '../index/disclosure/disclosure-types.ts';
import { readAsker } from './asker.ts';
import type { Asker, AskingPeer } from './asker.ts';
import type { DisclosureLog, LoggedRequest } from './disclosure-log.ts';
import type { Channel, DisclosurePolicy, Requester } from './question.ts';
import { RequestSession } from './request-session.ts';

/** Port: the registers as deciding asks them; patients are named in capitals. */
export interface DisclosureRegisters {
  asker(organisations: readonly string[]): Promise<AskerFacts>;
  /** `knownPatients`: whose will need not be read. */
  ofStudies(studyUids: readonly string[], knownPatients: readonly string[] | 'all'): Promise<DisclosureFacts>;
  ofPatients(
    patients: readonly PatientKey[],
    rejectedToo: boolean,
    knownPatients: readonly string[] | 'all',
  ): Promise<{ readonly studies: readonly CountedStudy[][]; readonly wills: DisclosureFacts['wills'] }>;
  wills(patientIds: readonly string[]): Promise<readonly (readonly [string, PatientWill])[]>;
  /** Of an AE title; null when it is nobody's. */
  organisationOf(aet: string): Promise<string | null>;
}

export interface DisclosureControlDeps {
  /** False: everything is permitted, and only the log is kept. */
  readonly decides: boolean;
  readonly registers: DisclosureRegisters;
  readonly policy: DisclosurePolicy;
  /** What a request to this node is: through the archive, or directly from one organisation to another. */
  readonly channel: Channel;
  readonly log: DisclosureLog;
  readonly now: () => number;
  readonly requestId: () => string;
  readonly warn: (message: string, fields: Readonly<Record<string, string>>) => void;
}

/** One request that would reveal studies or documents. */
export interface DisclosureRequest {
  readonly operation: LoggedRequest['operation'];
  readonly peer: AskingPeer;
  /** Text of the agreed attribute in the request; '' for none. */
  readonly claim: string;
  /** AE title that the data goes to when it is not the asker's; '' for the asker. */
  readonly destination: string;
  readonly criteria: string;
}

/** Who asks and who gets, as the registers know them. */
export interface Parties {
  readonly request: LoggedRequest;
  /** Everyone who would come to know: all of them must be permitted. */
  readonly all: readonly Requester[];
  readonly authorisations: readonly Authorisation[];
}

/** A change of the organisation register, or of what is authorised for a whole register, counts after so long at the latest. */
const REMEMBERED_MS = 1000;

/** Disclosure control of a node: opens a session for each request, which decides and logs. */
export class DisclosureControl {
  readonly #deps: DisclosureControlDeps;
  #today = { day: '', from: 0, until: 0 };
  readonly #askers = new Map<string, { readonly facts: Promise<AskerFacts>; readonly until: number }>();

  constructor(deps: DisclosureControlDeps) {
    this.#deps = deps;
  }

  begin(request: DisclosureRequest): RequestSession {
    const { decides, policy, registers, log, now } = this.#deps;
    const at = now();
    return new RequestSession({
      decides,
      registers,
      policy,
      log,
      at,
      day: this.#dayOf(at),
      parties: this.#parties(request),
    });
  }

  /** The day of a moment; found anew when it is over. */
  #dayOf(at: number): string {
    const { timezone } = this.#deps.policy;
    if (at < this.#today.from || at >= this.#today.until)
      this.#today = { day: zonedDay(timezone, at), from: at, until: nextMidnight(timezone, at) };
    return this.#today.day;
  }

  async #parties(request: DisclosureRequest): Promise<Parties> {
    const { decides, policy, channel, requestId } = this.#deps;
    const { peer, destination } = request;
    const asker = readAsker(peer, request.claim, policy);
    if (!peer.trusted && `${peer.claim}${request.claim}` !== '')
      this.#deps.warn('what the peer says of person and purpose does not count: it came without TLS', {
        peer: peer.aet,
      });
    const recipient = destination === '' ? peer.organisation : await this.#organisationOf(destination, peer.aet);
    // Whoever else gets the data must be permitted to have it, too.
    const shared = recipient !== peer.organisation || recipient === null;
    const keys = [peer.organisation, ...(shared && destination !== '' ? [recipient] : [])];
    const facts = await this.#asker(keys.filter((key) => key !== null));
    const all = keys.map((key) => requesterOf(key, facts, asker));
    const requester = all[0] ?? requesterOf(null, facts, asker);
    return {
      all,
      authorisations: facts.authorisations,
      request: {
        requestId: requestId(),
        operation: request.operation,
        callingAET: peer.aet,
        calledAET: peer.calledAET,
        address: peer.address,
        tlsSubject: peer.tlsSubject,
        associationId: peer.associationId,
        requester,
        purpose: asker.purpose,
        specialReason: asker.specialReason,
        serviceEvent: asker.serviceEvent,
        channel,
        recipientAET: destination === '' ? peer.aet : destination,
        recipientOrganisation: recipient,
        criteria: request.criteria,
        policy: decides ? policy.policy : '',
      },
    };
  }

  /** Of the organisations alone, never of a patient, is anything remembered beyond a request, and for a moment only. */
  #asker(keys: readonly string[]): Promise<AskerFacts> {
    const key = JSON.stringify(keys);
    const known = this.#askers.get(key);
    const now = this.#deps.now();
    if (known !== undefined && known.until > now) return known.facts;
    const facts = this.#deps.registers.asker(keys);
    this.#askers.set(key, { facts, until: now + REMEMBERED_MS });
    facts.catch(() => this.#askers.delete(key));
    return facts;
  }

  async #organisationOf(destination: string, peer: string): Promise<string | null> {
    const organisation = await this.#deps.registers.organisationOf(destination);
    if (organisation === null && this.#deps.decides)
      this.#deps.warn(
        `the destination belongs to no organisation, so nothing may be moved to it: kuva ae add ${destination} --organisation KEY`,
        { peer, destination },
      );
    return organisation;
  }
}

function requesterOf(key: string | null, facts: AskerFacts, { person, role }: Asker): Requester {
  const row = facts.organisations.find((each) => each.key === key);
  return {
    organisation: key,
    controller: row?.controllerOid ?? '',
    registerCode: row?.registerCode ?? '',
    specifier: row?.registerSpecifier ?? '',
    oids: row === undefined ? [] : [...new Set([row.oid, row.controllerOid])].filter((oid) => oid !== ''),
    person,
    role,
  };
}
