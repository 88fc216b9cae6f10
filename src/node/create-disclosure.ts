import { randomUUID } from 'node:crypto';
import { ConfigError } from '../config/config-error.ts';
import { isLoopback } from '../config/loopback.ts';
import type { Config } from '../config/schema.ts';
import { tagOf } from '../dicom/dictionary.ts';
import type { AskingPeer } from '../disclosure/asker.ts';
import { DisclosureControl } from '../disclosure/disclosure-control.ts';
import type { DisclosureRegisters } from '../disclosure/disclosure-control.ts';
import type { DisclosureLog } from '../disclosure/disclosure-log.ts';
import type { IndexService } from '../index/index-service.ts';
import type { Logger } from '../observability/loggers.ts';
import { principalOf } from '../policy/principal.ts';
import type { Profile } from '../profile/profile.ts';
import type { DisclosureGate, GatedRequest } from '../retrieve/disclosure-gate.ts';

export interface DisclosureParts {
  readonly config: Config;
  readonly profile: Profile;
  readonly index: Pick<IndexService, 'read' | 'aeByTitle'>;
  readonly disclosureLog: DisclosureLog;
  readonly log: Logger;
  readonly now: () => number;
}

/** Disclosure control on this node's registers. Nothing is shown that its log has not on the disk. */
export function createDisclosure({
  config,
  profile,
  index,
  disclosureLog,
  log,
  now,
}: DisclosureParts): DisclosureControl {
  return new DisclosureControl({
    registers: disclosureRegisters(index),
    policy: profile.disclosure,
    channel: config.disclosure.channel,
    log: disclosureLog,
    now,
    requestId: randomUUID,
    warn: (message, fields) => log.warn(message, fields),
  });
}

export function disclosureRegisters(index: Pick<IndexService, 'read' | 'aeByTitle'>): DisclosureRegisters {
  return {
    asker: (organisations) => index.read('disclosureAsker', organisations),
    ofStudies: (studyUids, known) => index.read('disclosureOfStudies', studyUids, known),
    ofPatients: (patients, rejectedToo, known) => index.read('disclosureOfPatients', patients, rejectedToo, known),
    wills: (patientIds) => index.read('patientWills', patientIds),
    aeByTitle: (aet) => index.aeByTitle(aet),
  };
}

/** Disclosure control as C-FIND, C-MOVE and C-GET ask it. */
export function createGate(control: DisclosureControl, { config, profile }: DisclosureParts): DisclosureGate {
  const { queryAttribute } = profile.disclosure.asker;
  return {
    claimTag: queryAttribute === null ? undefined : claimTagOf(queryAttribute),
    begin: async ({ claim, destination, criteria, operation, ...who }) =>
      control.begin({ claim, destination, criteria, operation, peer: askingPeer(who, config) }),
  };
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
