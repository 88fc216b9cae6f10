import { EVENT, EVENT_TYPE, ID_TYPE, ROLE } from './audit-codes-table.ts';
import type { AuditMessage, AuditObject, AuditParticipant } from './audit-message.ts';

/** An application entity that took part. */
export interface AuditAe {
  readonly aet: string;
  readonly address?: string;
  /** Verified user, when there was one. */
  readonly user?: string;
}

/** What was moved of one study. */
export interface AuditedStudy {
  readonly studyInstanceUid: string;
  /** '' when it was not known. */
  readonly patientId: string;
  readonly sopClasses: readonly { readonly uid: string; readonly instances: number }[];
}

type Outcome = AuditMessage['outcome'];

/** PS3.15 A.5.3.1. `failure`: why the application is not available any more. */
export function applicationActivity(
  at: number,
  what: 'start' | 'stop',
  self: AuditAe,
  launchedBy: string,
  failure?: string,
): AuditMessage {
  return {
    event: EVENT.applicationActivity,
    eventTypes: [what === 'start' ? EVENT_TYPE.applicationStart : EVENT_TYPE.applicationStop],
    action: 'E',
    ...(failure === undefined ? { outcome: 0 } : { outcome: 12, outcomeText: failure }),
    at,
    participants: [
      { ...participant(self, false), role: ROLE.application },
      { id: launchedBy, isRequestor: true, role: ROLE.applicationLauncher },
    ],
    objects: [],
  };
}

/** PS3.15 A.5.3.2: the use or disclosure log was read, or its head signed; a signed head goes along as a witness. */
export function auditLogUsed(at: number, by: string, uri: string, head?: string): AuditMessage {
  return {
    event: EVENT.auditLogUsed,
    action: 'R',
    outcome: 0,
    at,
    participants: [{ id: by, isRequestor: true }],
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

export interface TransferFacts {
  readonly at: number;
  readonly source: AuditAe;
  readonly destination: AuditAe;
  /** Which of the two asked, or the third that did (C-MOVE). */
  readonly requestor: 'source' | 'destination' | AuditAe;
  readonly study: AuditedStudy;
}

/** PS3.15 A.5.3.3. */
export function beginTransferring(facts: TransferFacts): AuditMessage {
  return {
    event: EVENT.beginTransferring,
    action: 'E',
    outcome: 0,
    at: facts.at,
    participants: transferParticipants(facts),
    objects: studyObjects(facts.study),
  };
}

/** PS3.15 A.5.3.7. `received`: created here; else read from here. */
export function instancesTransferred(
  facts: TransferFacts & { readonly received: boolean; readonly outcome: Outcome; readonly outcomeText?: string },
): AuditMessage {
  return {
    event: EVENT.instancesTransferred,
    action: facts.received ? 'C' : 'R',
    outcome: facts.outcome,
    ...(facts.outcomeText === undefined ? {} : { outcomeText: facts.outcomeText }),
    at: facts.at,
    participants: transferParticipants(facts),
    objects: studyObjects(facts.study),
  };
}

/** PS3.15 A.5.3.8: a study's objects are gone from here, or from regular use; `why` tells which. */
export function studyDeleted(facts: {
  readonly at: number;
  readonly by: AuditAe;
  readonly study: AuditedStudy;
  readonly why: string;
}): AuditMessage {
  return {
    event: EVENT.studyDeleted,
    action: 'D',
    outcome: 0,
    outcomeText: facts.why,
    at: facts.at,
    participants: [participant(facts.by, true)],
    objects: studyObjects(facts.study),
  };
}

/** PS3.15 A.5.3.10: the identifier goes in whole, as it came. */
export function query(facts: {
  readonly at: number;
  readonly asker: AuditAe;
  readonly self: AuditAe;
  readonly sopClassUid: string;
  readonly transferSyntaxUid: string;
  readonly identifier: Buffer;
  readonly outcome: Outcome;
  readonly outcomeText?: string;
}): AuditMessage {
  return {
    event: EVENT.query,
    action: 'E',
    outcome: facts.outcome,
    ...(facts.outcomeText === undefined ? {} : { outcomeText: facts.outcomeText }),
    at: facts.at,
    participants: [
      { ...participant(facts.asker, true), role: ROLE.source },
      { ...participant(facts.self, false), role: ROLE.destination },
    ],
    objects: [
      {
        id: facts.sopClassUid,
        idType: ID_TYPE.sopClassUid,
        type: '2',
        role: '3',
        query: facts.identifier,
        details: [{ type: 'TransferSyntax', value: facts.transferSyntaxUid }],
      },
    ],
  };
}

/** PS3.15 A.5.3.11: a peer that was not let in, or that nobody should have sent here. */
export function securityAlert(at: number, self: AuditAe, peer: AuditAe, what: string): AuditMessage {
  return {
    event: EVENT.securityAlert,
    eventTypes: [EVENT_TYPE.nodeAuthentication],
    action: 'E',
    outcome: 8,
    outcomeText: what,
    at,
    participants: [participant(self, false), { ...participant(peer, true), role: ROLE.source }],
    objects: [
      {
        id: peer.address ?? peer.aet,
        idType: ID_TYPE.nodeId,
        type: '2',
        role: '13',
        name: peer.aet,
        details: [{ type: 'Alert Description', value: what }],
      },
    ],
  };
}

/** PS3.15 A.5.3.12: a user whose identity was verified at negotiation. */
export function userAuthentication(at: number, self: AuditAe, peer: AuditAe): AuditMessage {
  return {
    event: EVENT.userAuthentication,
    eventTypes: [EVENT_TYPE.login],
    action: 'E',
    outcome: 0,
    at,
    participants: [participant(peer, true), participant(self, false)],
    objects: [],
  };
}

function transferParticipants({ source, destination, requestor }: TransferFacts): AuditParticipant[] {
  return [
    { ...participant(source, requestor === 'source'), role: ROLE.source },
    { ...participant(destination, requestor === 'destination'), role: ROLE.destination },
    ...(typeof requestor === 'string' ? [] : [participant(requestor, true)]),
  ];
}

function participant({ aet, address, user }: AuditAe, isRequestor: boolean): AuditParticipant {
  return {
    id: user ?? aet,
    alternativeId: `AETITLES=${aet}`,
    isRequestor,
    ...(address === undefined ? {} : { address }),
  };
}

function studyObjects({ studyInstanceUid, patientId, sopClasses }: AuditedStudy): AuditObject[] {
  return [
    { id: studyInstanceUid, idType: ID_TYPE.studyInstanceUid, type: '2', role: '3', name: '', sopClasses },
    // The patient is named by id alone: whoever may read the audit trail finds the rest in the archive.
    { id: patientId === '' ? '(none)' : patientId, idType: ID_TYPE.patientNumber, type: '1', role: '1', name: '' },
  ];
}
