import { participantOf } from '../audit-actors.ts';
import type { AuditActor, AuditAe } from '../audit-actors.ts';
import { EVENT, ROLE } from '../audit-codes-table.ts';
import type { AuditMessage, AuditParticipant } from '../audit-message.ts';
import { studyObjects } from './study-objects.ts';
import type { AuditedStudy } from './study-objects.ts';

type Outcome = AuditMessage['outcome'];

export interface TransferFacts {
  readonly at: number;
  readonly source: AuditAe;
  readonly destination: AuditAe;
  /** Which of the two asked, or the third that did (C-MOVE, a person). */
  readonly requestor: 'source' | 'destination' | AuditActor;
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

/** PS3.15 A.5.3.7. `action`: C what the receiver did not have, R what it had already or when that is not known. */
export function instancesTransferred(
  facts: TransferFacts & { readonly action: 'C' | 'R'; readonly outcome: Outcome; readonly outcomeText?: string },
): AuditMessage {
  return {
    event: EVENT.instancesTransferred,
    action: facts.action,
    outcome: facts.outcome,
    ...(facts.outcomeText === undefined ? {} : { outcomeText: facts.outcomeText }),
    at: facts.at,
    participants: transferParticipants(facts),
    objects: studyObjects(facts.study),
  };
}

interface StudyFacts {
  readonly at: number;
  readonly by: AuditActor;
  readonly study: AuditedStudy;
}

/** PS3.15 A.5.3.8: all of a study is gone from here, or from regular use; `why` tells which. */
export function studyDeleted({ at, by, study, why }: StudyFacts & { readonly why: string }): AuditMessage {
  return { ...ofOneActor(at, by, study), event: EVENT.studyDeleted, action: 'D', outcomeText: why };
}

/** PS3.15 A.5.3.6: somebody has seen instances of a study, or part of a study was removed (`D`). */
export function instancesAccessed(
  facts: StudyFacts & { readonly action: 'R' | 'D'; readonly why?: string },
): AuditMessage {
  const { at, by, study, action, why } = facts;
  return {
    ...ofOneActor(at, by, study),
    event: EVENT.instancesAccessed,
    action,
    ...(why === undefined ? {} : { outcomeText: why }),
  };
}

function ofOneActor(at: number, by: AuditActor, study: AuditedStudy) {
  return { outcome: 0, at, participants: [participantOf(by, true)], objects: studyObjects(study) } as const;
}

function transferParticipants({ source, destination, requestor }: TransferFacts): AuditParticipant[] {
  return [
    { ...participantOf(source, requestor === 'source'), role: ROLE.source },
    { ...participantOf(destination, requestor === 'destination'), role: ROLE.destination },
    ...(typeof requestor === 'string' ? [] : [participantOf(requestor, true)]),
  ];
}
