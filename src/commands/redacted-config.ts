import type { Config } from '../config/schema.ts';

/** The configuration for a report: hashes of passcodes can be attacked offline, and nobody needs them there. */
export function redactedConfig(config: Config): object {
  const users = config.access.userIdentity.users.map(({ name }) => ({ name }));
  return { ...config, access: { ...config.access, userIdentity: { ...config.access.userIdentity, users } } };
}
