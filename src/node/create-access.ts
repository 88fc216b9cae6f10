import type { Config } from '../config/schema.ts';
import { personIn } from '../disclosure/asker.ts';
import type { IndexService } from '../index/index-service.ts';
import type { Logger } from '../observability/loggers.ts';
import { Access } from '../policy/access.ts';
import { resolveHost } from '../policy/ae-register.ts';
import type { Profile } from '../profile/profile.ts';

/** The association policy that the configuration and the AE register make. */
export function createAccess(config: Config, register: IndexService, profile: Profile, log: Logger): Access {
  const { access, dicom, egress, node } = config;
  return new Access({
    titles: [node.aeTitle, ...node.aliases],
    organisation: node.organisation,
    checkCalledAet: access.checkCalledAet,
    anyCallingAet: access.anyCallingAet,
    userIdentity: access.userIdentity,
    identityReaders: { nameIn: (text) => personIn(text, profile.disclosure), assertions: null },
    storage: { extraSopClasses: dicom.extraSopClasses, acceptUnknownSopClasses: dicom.acceptUnknownSopClasses },
    register,
    archives: egress.destinations.map(({ aeTitle, host }) => ({ aet: aeTitle, host })),
    resolve: resolveHost,
    warn: (message, fields) => log.warn(message, fields),
  });
}
