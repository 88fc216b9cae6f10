import { hostname, userInfo } from 'node:os';
import type { AuditParticipant } from './audit-message.ts';

/** An application entity that took part. */
export interface AuditAe {
  readonly aet: string;
  /** IP address or host name. */
  readonly address?: string;
  /** Verified user, when there was one. */
  readonly user?: string;
}

/** Somebody at this machine, as `loginName@domain-name` (PS3.15 A.5.2.1). */
export interface AuditPerson {
  readonly person: string;
}

export type AuditActor = AuditAe | AuditPerson;

export function participantOf(actor: AuditActor, isRequestor: boolean): AuditParticipant {
  if ('person' in actor) return { id: actor.person, isRequestor };
  const { aet, address, user } = actor;
  return {
    id: user ?? aet,
    alternativeId: `AETITLES=${aet}`,
    isRequestor,
    ...(address === undefined ? {} : { address }),
  };
}

/** Who runs this process. */
export function localUser(): AuditPerson {
  return { person: `${loginName()}@${hostname()}` };
}

function loginName(): string {
  try {
    return userInfo().username;
  } catch {
    // A container may run under a number that its /etc/passwd does not have.
    return `uid-${process.getuid?.() ?? ''}`;
  }
}
