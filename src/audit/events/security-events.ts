import { participantOf } from '../audit-actors.ts';
import type { AuditActor, AuditAe } from '../audit-actors.ts';
import { EVENT, EVENT_TYPE, ID_TYPE, ROLE } from '../audit-codes-table.ts';
import type { AuditMessage, CodedValue } from '../audit-message.ts';

/** PS3.15 A.5.3.1. `failure`: why the application is not available any more. */
export function applicationActivity(
  at: number,
  what: 'start' | 'stop',
  self: AuditAe,
  launchedBy: AuditActor,
  failure?: string,
): AuditMessage {
  return {
    event: EVENT.applicationActivity,
    eventTypes: [what === 'start' ? EVENT_TYPE.applicationStart : EVENT_TYPE.applicationStop],
    action: 'E',
    ...(failure === undefined ? { outcome: 0 } : { outcome: 12, outcomeText: failure }),
    at,
    participants: [
      { ...participantOf(self, false), role: ROLE.application },
      { ...participantOf(launchedBy, true), role: ROLE.applicationLauncher },
    ],
    objects: [],
  };
}

/** PS3.15 A.5.3.2: the use or disclosure log was read, or its head signed; a signed head goes along as a witness. */
export function auditLogUsed(at: number, by: AuditActor, uri: string, head?: string): AuditMessage {
  return {
    event: EVENT.auditLogUsed,
    action: 'R',
    outcome: 0,
    at,
    participants: [participantOf(by, true)],
    objects: [
      {
        id: uri,
        idType: ID_TYPE.uri,
        type: '2',
        role: '13',
        name: 'Security Audit Log',
        ...(head === undefined ? {} : { details: [{ type: 'Signed Head', value: head }] }),
      },
    ],
  };
}

/** PS3.15 A.5.3.11: a peer that was not let in, or that nobody should have sent here. */
export function securityAlert(at: number, self: AuditAe, peer: AuditAe, what: string): AuditMessage {
  return {
    ...alert(EVENT_TYPE.nodeAuthentication),
    outcome: 8,
    outcomeText: what,
    at,
    // Of those who performed it none may be called the requestor.
    participants: [participantOf(self, false), { ...participantOf(peer, false), role: ROLE.source }],
    objects: [
      {
        id: peer.address ?? peer.aet,
        idType: ID_TYPE.nodeId,
        type: '2',
        role: '13',
        name: peer.aet,
        details: [alertDescription(what)],
      },
    ],
  };
}

/** PS3.15 A.5.3.11: whoever asks says that it is an emergency, which opens what is otherwise withheld; `request` finds it in the use log. */
export function emergencyOverride(at: number, self: AuditAe, asker: AuditAe, request: string): AuditMessage {
  const what = 'data is asked for in an emergency: disclosure control permits what it otherwise would not';
  return {
    ...alert(EVENT_TYPE.emergencyOverrideStarted),
    outcome: 0,
    at,
    participants: [participantOf(asker, true), participantOf(self, false)],
    objects: [
      { id: request, idType: ID_TYPE.nodeId, type: '2', role: '13', name: '', details: [alertDescription(what)] },
    ],
  };
}

/** PS3.15 A.5.3.11: somebody has changed who may do what here; `uri` names what was changed. */
export function securityConfiguration(at: number, by: AuditActor, uri: string, what: string): AuditMessage {
  return {
    ...alert(EVENT_TYPE.securityConfiguration),
    outcome: 0,
    at,
    participants: [participantOf(by, false)],
    objects: [{ id: uri, idType: ID_TYPE.uri, type: '2', role: '13', name: '', details: [alertDescription(what)] }],
  };
}

/** PS3.15 A.5.3.11: messages can no longer be kept, or can be again; `text` says how many were lost. */
export function auditRecording(
  at: number,
  self: AuditAe,
  uri: string,
  what: 'stopped' | 'started',
  text: string,
): AuditMessage {
  return {
    ...alert(what === 'stopped' ? EVENT_TYPE.auditRecordingStopped : EVENT_TYPE.auditRecordingStarted),
    ...(what === 'stopped' ? { outcome: 12, outcomeText: text } : { outcome: 0 }),
    at,
    participants: [participantOf(self, false)],
    objects: [{ id: uri, idType: ID_TYPE.uri, type: '2', role: '13', name: '', details: [alertDescription(text)] }],
  };
}

/** PS3.15 A.5.3.12: a user whose identity was verified at negotiation, or was not (`failure`). */
export function userAuthentication(at: number, self: AuditAe, peer: AuditAe, failure?: string): AuditMessage {
  return {
    event: EVENT.userAuthentication,
    eventTypes: [EVENT_TYPE.login],
    action: 'E',
    ...(failure === undefined ? { outcome: 0 } : { outcome: 8, outcomeText: failure }),
    at,
    participants: [participantOf(peer, true), participantOf(self, false)],
    objects: [],
  };
}

function alert(type: CodedValue) {
  return { event: EVENT.securityAlert, eventTypes: [type], action: 'E' } as const;
}

function alertDescription(what: string): { type: string; value: string } {
  return { type: 'Alert Description', value: what };
}
