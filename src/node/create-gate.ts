import type { AuditRecord } from '../audit/audit-record.ts';
import { emergencyOverride } from '../audit/events/security-events.ts';
import { ConfigError } from '../config/config-error.ts';
import { isLoopback } from '../config/loopback.ts';
import type { Config } from '../config/schema.ts';
import { tagOf } from '../dicom/dictionary.ts';
import type { AskingPeer } from '../disclosure/asker.ts';
import type { LoggedRequest } from '../disclosure/disclosure-log.ts';
import type { DisclosureControl } from '../disclosure/disclosure-control.ts';
import type { IndexService } from '../index/index-service.ts';
import { principalOf } from '../policy/principal.ts';
import { orInNodeLog, orRefused } from './when-log-fails.ts';
import { gateWithGuests } from './guest-gate.ts';
import { createDisclosure, disclosureRegisters } from '../services/create-disclosure.ts';
import type { DisclosureParts } from '../services/create-disclosure.ts';
import { PERMIT_ALL } from '../retrieve/disclosure-gate.ts';
import type { DisclosureGate, GatedRequest } from '../retrieve/disclosure-gate.ts';

interface GateParts extends DisclosureParts {
  readonly audit: AuditRecord;
  readonly index: DisclosureParts['index'] & Pick<IndexService, 'guestView'>;
}

/** What stands between the studies and whoever asks: disclosure control; without it the log alone, or nothing. */
export function accessGate(parts: GateParts, control: DisclosureControl | undefined): DisclosureGate {
  if (control !== undefined) return createGate(control, parts);
  if (!parts.config.accessLog.withoutControl) return PERMIT_ALL;
  const disclosureLog = parts.config.accessLog.mandatory
    ? orRefused(parts.disclosureLog)
    : orInNodeLog(parts.disclosureLog, parts.log);
  return createGate(createDisclosure({ ...parts, disclosureLog }), parts);
}

/** Disclosure control as C-FIND, C-MOVE and C-GET ask it. */
function createGate(control: DisclosureControl, { config, profile, index, audit, now }: GateParts): DisclosureGate {
  const { queryAttribute } = profile.disclosure.asker;
  return {
    claimTag: queryAttribute === null ? undefined : claimTagOf(queryAttribute),
    begin: async ({ claim, destination, criteria, operation, ...who }) => {
      const peer = askingPeer(who, config);
      const session = control.begin({ claim, destination, criteria, operation, peer });
      if (!session.isOpen) await tellEmergency(await session.asked(), audit, now());
      const view = session.isOpen || peer.organisation === null ? undefined : index.guestView(peer.organisation);
      return view === undefined
        ? session
        : gateWithGuests(session, view, disclosureRegisters(index, config.node.organisation));
    },
  };
}

/** Before anything is shown: whoever watches may want to know at once. */
async function tellEmergency(request: LoggedRequest, audit: AuditRecord, at: number): Promise<void> {
  if (request.purpose !== 'EMERGENCY') return;
  const { callingAET, address, requestId, requester } = request;
  const asker = { aet: callingAET, address, ...(requester.person === '' ? {} : { user: requester.person }) };
  await audit((self) => [emergencyOverride(at, self, asker, requestId)]);
}

function claimTagOf(keyword: string): number {
  const tag = tagOf(keyword);
  if (tag === undefined)
    throw new ConfigError([
      `profile: disclosure.asker.queryAttribute is ${keyword}: write the keyword of an attribute, such as RequestedProcedureComments, or null`,
    ]);
  return tag;
}

function askingPeer(who: Pick<GatedRequest, 'principal' | 'associationId'>, config: Config): AskingPeer {
  const principal = principalOf(who);
  return {
    aet: principal.aet,
    calledAET: principal.calledAET,
    address: principal.address,
    tlsSubject: principal.tlsSubject ?? '',
    associationId: String(who.associationId),
    // An AE that nobody registered speaks for no organisation.
    organisation: principal.entry === null ? null : principal.organisation,
    user: principal.user,
    claim: principal.claim,
    trusted:
      principal.tlsSubject !== null ||
      principal.user !== null ||
      config.disclosure.trustPersonWithoutTls ||
      isLoopback(principal.address),
  };
}
