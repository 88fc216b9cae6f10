import { randomUUID } from 'node:crypto';
import type { Config } from '../config/schema.ts';
import { DisclosureControl } from '../disclosure/disclosure-control.ts';
import type { DisclosureRegisters } from '../disclosure/disclosure-control.ts';
import type { DisclosureLog } from '../disclosure/disclosure-log.ts';
import type { IndexService } from '../index/index-service.ts';
import { organisationOf } from '../policy/organisation-of.ts';
import type { Logger } from '../observability/loggers.ts';
import type { Profile } from '../profile/profile.ts';

export interface DisclosureParts {
  /** `disclosure.enabled`: without it everything is shown, and only its log is kept. */
  readonly config: Config;
  readonly profile: Profile;
  readonly index: Pick<IndexService, 'read' | 'aeByTitle'>;
  readonly disclosureLog: DisclosureLog;
  readonly log: Pick<Logger, 'warn'>;
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
    decides: config.disclosure.enabled,
    registers: disclosureRegisters(index, config.node.organisation),
    policy: profile.disclosure,
    channel: config.disclosure.channel,
    log: disclosureLog,
    now,
    requestId: randomUUID,
    warn: (message, fields) => log.warn(message, fields),
  });
}

/** `ofNode`: organisation of AEs that have none of their own. */
export function disclosureRegisters(
  index: Pick<IndexService, 'read' | 'aeByTitle'>,
  ofNode: string | null,
): DisclosureRegisters {
  return {
    asker: (organisations) => index.read('disclosureAsker', organisations),
    ofStudies: (studyUids, known) => index.read('disclosureOfStudies', studyUids, known),
    ofPatients: (patients, rejectedToo, known) => index.read('disclosureOfPatients', patients, rejectedToo, known),
    wills: (patientIds) => index.read('patientWills', patientIds),
    organisationOf: async (aet) => organisationOf(await index.aeByTitle(aet), ofNode),
  };
}
