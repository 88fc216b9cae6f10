import type {
  AssociationDecision,
  AssociationPolicy,
  AssociationRejection,
  AssociationRequest,
  PeerAddress,
} from '../dimse/association-policy.ts';
import { isLoopback } from '../config/loopback.ts';
import { printable } from '../core/text.ts';
import { AE_SERVICES } from '../index/index-types.ts';
import type { AeRow, AeService } from '../index/index-types.ts';
import { mayCallFrom, plainAddress } from './ae-register.ts';
import type { AeTable, Resolve } from './ae-register.ts';
import { isOneOf } from './certificate-identity.ts';
import { archiveEntry, isForReports } from './archive-reports.ts';
import type { ArchiveAe } from './archive-reports.ts';
import { answerExtended } from './extended-negotiation.ts';
import { negotiateContexts } from './presentation-contexts.ts';
import type { Principal } from './principal.ts';
import { describeRefusals } from './refused-contexts.ts';
import type { StorageChoice } from './sop-class-services.ts';
import { judgeUserIdentity } from './user-identity.ts';
import type { IdentityReaders, UserIdentityOptions } from './user-identity.ts';

export interface AccessOptions {
  /** AE titles of this node, the first one its own name. */
  readonly titles: readonly string[];
  readonly organisation: string | null;
  readonly checkCalledAet: boolean;
  /** Lets an AE that is not in the register do everything, from loopback only. */
  readonly anyCallingAet: boolean;
  readonly userIdentity: UserIdentityOptions;
  /** Left out: user names are plain, and nothing but them can be verified. */
  readonly identityReaders?: IdentityReaders;
  readonly storage: StorageChoice;
  readonly register: AeTable;
  /** They may report on our storage commitment requests, also when the register does not have them. */
  readonly archives: readonly ArchiveAe[];
  readonly resolve: Resolve;
  readonly warn: (message: string, fields: { callingAET: string; peer: string }) => void;
}

// PS3.8 9.3.4: rejected-permanent by the service-user.
const CALLING_AET_NOT_RECOGNIZED = { result: 1, source: 1, reason: 3 } as const;
const CALLED_AET_NOT_RECOGNIZED = { result: 1, source: 1, reason: 7 } as const;
const NO_REASON_GIVEN = { result: 1, source: 1, reason: 1 } as const;
// Rejected-transient by the presentation-related service-provider.
const TEMPORARY_CONGESTION = { result: 2, source: 3, reason: 1 } as const;

/** Decides who may associate and for what: calling AE, address, called AE, user identity, then contexts by service. */
export class Access implements AssociationPolicy {
  readonly #options: AccessOptions;

  constructor(options: AccessOptions) {
    this.#options = options;
  }

  async decide(request: AssociationRequest, peer: PeerAddress): Promise<AssociationDecision> {
    const caller = await this.#caller(request, peer);
    if ('accept' in caller) {
      return caller;
    }
    const { entry } = caller;
    const reports = this.#options.archives.some(({ aet }) => aet === request.callingAET);
    const called = reports && isForReports(request) ? undefined : this.#checkCalled(request, entry);
    if (called !== undefined) {
      return called;
    }
    const identity = await judgeUserIdentity(
      request.userIdentity,
      peer.tls !== undefined,
      this.#options.userIdentity,
      this.#options.identityReaders,
    );
    if (!identity.ok) {
      const rejection = reject(
        NO_REASON_GIVEN,
        `user identity of ${quoted(request.callingAET)} from ${plainAddress(peer.address)} not accepted: ${identity.why}`,
      );
      return { ...rejection, refusedUser: identity.user };
    }
    if (identity.warning !== undefined) {
      this.#options.warn(identity.warning, { callingAET: request.callingAET, peer: plainAddress(peer.address) });
    }
    const services: ReadonlySet<AeService> = new Set(entry?.services ?? AE_SERVICES);
    const principal: Principal = {
      aet: request.callingAET,
      organisation: entry?.organisation ?? this.#options.organisation,
      services,
      entry,
      user: identity.user,
      claim: identity.claim,
      calledAET: request.calledAET,
      address: plainAddress(peer.address),
      tlsSubject: peer.tls?.authorized === true ? peer.tls.subject : null,
    };
    const { storage } = this.#options;
    const negotiated = negotiateContexts(request, services, storage, reports);
    const refused = describeRefusals({
      request,
      results: negotiated.contexts,
      services,
      storage,
      aet: shellWord(request.callingAET),
    });
    if (refused !== undefined) {
      this.#options.warn(refused, { callingAET: request.callingAET, peer: plainAddress(peer.address) });
    }
    return {
      accept: true,
      ...negotiated,
      extended: answerExtended(request.extended, storage),
      ...(identity.response === undefined ? {} : { userIdentityResponse: identity.response }),
      principal,
    };
  }

  async #caller(
    request: AssociationRequest,
    peer: PeerAddress,
  ): Promise<{ entry: AeRow | null } | AssociationRejection> {
    const address = plainAddress(peer.address);
    const who = `calling AE ${quoted(request.callingAET)}`;
    let entry: AeRow | undefined;
    try {
      entry = await this.#options.register.aeByTitle(request.callingAET);
    } catch (error) {
      return reject(
        TEMPORARY_CONGESTION,
        `the AE register cannot be read (${error instanceof Error ? error.message : String(error)}): see kuva status`,
      );
    }
    const archive = this.#options.archives.find(({ aet }) => aet === request.callingAET);
    if (entry === undefined && archive !== undefined) entry = archiveEntry(archive);
    if (entry === undefined) {
      return this.#options.anyCallingAet && isLoopback(address)
        ? { entry: null }
        : reject(
            CALLING_AET_NOT_RECOGNIZED,
            `unknown ${who} from ${address}: kuva ae add ${shellWord(request.callingAET)} --host ${address} --port 104`,
          );
    }
    let allowed: boolean;
    try {
      allowed = await mayCallFrom(entry, address, this.#options.resolve);
    } catch {
      return reject(
        CALLING_AET_NOT_RECOGNIZED,
        `${who}: its host name ${entry.host} cannot be resolved: kuva ae add ${shellWord(entry.aet)} --address ${address} lets it in by address`,
      );
    }
    if (!allowed) {
      return reject(
        CALLING_AET_NOT_RECOGNIZED,
        `${who} may not call from ${address}: when that is its address, kuva ae add ${shellWord(entry.aet)} --address ${address}`,
      );
    }
    const fault = certificateFault(entry, peer);
    return fault === undefined ? { entry } : reject(CALLING_AET_NOT_RECOGNIZED, `${who} from ${address} ${fault}`);
  }

  #checkCalled(request: AssociationRequest, entry: AeRow | null): AssociationRejection | undefined {
    const own = this.#options.titles;
    const called = request.calledAET;
    if (this.#options.checkCalledAet && !own.includes(called)) {
      const remedy = `this node is ${own.map(quoted).join(', ')}; correct it at ${quoted(request.callingAET)}, or add it to node.aliases`;
      return reject(CALLED_AET_NOT_RECOGNIZED, `called AE ${quoted(called)} is not this node: ${remedy}`);
    }
    if (entry !== null && entry.calledAETs.length > 0 && !entry.calledAETs.includes(called)) {
      return reject(
        CALLED_AET_NOT_RECOGNIZED,
        `calling AE ${quoted(entry.aet)} may only call ${entry.calledAETs.map(quoted).join(', ')}, not ${quoted(called)}: kuva ae add ${shellWord(entry.aet)} --called ${shellWord(called)}`,
      );
    }
    return undefined;
  }
}

/** What is wrong with the certificate of a caller that must show a certain one (PS3.15 B.12), and what to do; undefined: nothing. */
function certificateFault({ aet, certificates }: AeRow, { tls }: PeerAddress): string | undefined {
  const [first] = certificates;
  if (first === undefined || (tls !== undefined && isOneOf(certificates, tls))) {
    return undefined;
  }
  const change = `kuva ae add ${shellWord(aet)}`;
  if (tls === undefined) {
    return `calls without TLS but is registered with a certificate: turn TLS on at the peer, or ${change} --remove-certificate ${shellWord(first)}`;
  }
  if (tls.fingerprint256 === '') {
    return `shows no certificate but is registered with one: give it its certificate at the peer`;
  }
  const shown = `shows the certificate ${quoted(tls.subject)}`;
  return tls.authorized
    ? `${shown}, which is not registered for it: when it is its own, ${change} --certificate ${tls.fingerprint256}`
    : `${shown}, which is not signed by an authority in dicom.tls.ca: add that authority, or give the peer a certificate of ours`;
}

function reject(reason: Pick<AssociationRejection, 'result' | 'source' | 'reason'>, log: string): AssociationRejection {
  return { accept: false, ...reason, log };
}

function quoted(text: string): string {
  return `"${printable(text)}"`;
}

/** The administrator pastes the remedy into a shell: a hostile AE title must stay one word there. */
function shellWord(text: string): string {
  return /^[A-Za-z0-9_.:-]+$/.test(text) && !text.startsWith('-')
    ? text
    : `'${printable(text).replaceAll("'", `'\\''`)}'`;
}
