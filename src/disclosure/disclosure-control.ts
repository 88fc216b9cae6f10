import { zonedDay } from '../core/zoned-day.ts';
import type { AeRow } from '../index/index-types.ts';
import type {
  AskerNames,
  CountedStudy,
  DisclosedStudy,
  PatientKey,
  PatientWill,
} from '../index/disclosure/disclosure-types.ts';
import type { OrganisationRow } from '../index/registers/register-types.ts';
import { readAsker } from './asker.ts';
import type { AskingPeer } from './asker.ts';
import { namesOf } from './controllers.ts';
import type { DisclosureLog, LoggedRequest } from './disclosure-log.ts';
import type { Channel, DisclosurePolicy, Requester } from './question.ts';
import { RequestSession } from './request-session.ts';

/** Port: the registers as deciding asks them. */
export interface DisclosureRegisters {
  disclosedStudies(studyUids: readonly string[]): Promise<DisclosedStudy[]>;
  disclosedStudiesOf(patients: readonly PatientKey[], rejectedToo: boolean): Promise<CountedStudy[][]>;
  patientWills(patientIds: readonly string[], asker: AskerNames): Promise<PatientWill[]>;
  organisationByKey(key: string): Promise<OrganisationRow | undefined>;
  aeByTitle(aet: string): Promise<AeRow | undefined>;
}

export interface DisclosureControlDeps {
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

/** Disclosure control of a node: opens a session for each request, which decides and logs. */
export class DisclosureControl {
  readonly #deps: DisclosureControlDeps;

  constructor(deps: DisclosureControlDeps) {
    this.#deps = deps;
  }

  async begin(request: DisclosureRequest): Promise<RequestSession> {
    const { policy, registers, channel, now, requestId } = this.#deps;
    const { peer } = request;
    const asker = readAsker(peer, request.claim, policy);
    if (!peer.trusted && `${peer.claim}${request.claim}` !== '')
      this.#deps.warn('what the peer says of person and purpose does not count: it came without TLS', {
        peer: peer.aet,
      });
    const at = now();
    const requester = await this.#requester(peer.organisation, asker);
    const recipient = await this.#recipient(request, requester);
    const logged: LoggedRequest = {
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
      recipientAET: request.destination === '' ? peer.aet : request.destination,
      recipientOrganisation: (recipient ?? requester).organisation,
      criteria: request.criteria,
      policy: policy.policy,
    };
    const parties = recipient === undefined ? [requester] : [requester, recipient];
    const day = zonedDay(policy.timezone, at);
    return new RequestSession({
      registers,
      policy,
      log: this.#deps.log,
      at,
      day,
      request: logged,
      parties,
      names: {
        producers: [...new Set(parties.flatMap(({ oids }) => oids))],
        controllers: [...new Set(parties.flatMap(({ controller }) => namesOf(policy, controller, day)))],
      },
    });
  }

  async #requester(key: string | null, asker: { readonly person: string; readonly role: string }): Promise<Requester> {
    const row = key === null ? undefined : await this.#deps.registers.organisationByKey(key);
    return {
      organisation: key,
      controller: row?.controllerOid ?? '',
      registerCode: row?.registerCode ?? '',
      specifier: row?.registerSpecifier ?? '',
      oids: row === undefined ? [] : [...new Set([row.oid, row.controllerOid])].filter((oid) => oid !== ''),
      person: asker.person,
      role: asker.role,
    };
  }

  /** Whoever else gets the data must be permitted to have it, too. Undefined when it stays with the asker. */
  async #recipient({ destination, peer }: DisclosureRequest, requester: Requester): Promise<Requester | undefined> {
    if (destination === '') return undefined;
    const organisation = (await this.#deps.registers.aeByTitle(destination))?.organisation ?? null;
    if (organisation !== null && organisation === requester.organisation) return undefined;
    if (organisation === null)
      this.#deps.warn(
        `the destination belongs to no organisation, so nothing may be moved to it: kuva ae add ${destination} --organisation KEY`,
        {
          peer: peer.aet,
          destination,
        },
      );
    return this.#requester(organisation, requester);
  }
}
