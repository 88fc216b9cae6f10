import { participantOf } from '../audit-actors.ts';
import type { AuditPerson } from '../audit-actors.ts';
import { EVENT } from '../audit-codes-table.ts';
import type { AuditMessage } from '../audit-message.ts';
import { patientObject, studyObjects } from './study-objects.ts';

export interface IdentityFacts {
  readonly at: number;
  readonly by: AuditPerson;
  readonly studyInstanceUid: string;
  /** Patient IDs; '' for none. */
  readonly before: string;
  readonly after: string;
  readonly why: string;
}

/** PS3.15 A.5.3.6, action Update: a study is told to be another patient's; both patients are in it. */
export function identityCorrected({ at, by, studyInstanceUid, before, after, why }: IdentityFacts): AuditMessage {
  const objects = studyObjects({ studyInstanceUid, patientId: before, sopClasses: [] });
  return {
    event: EVENT.instancesAccessed,
    action: 'U',
    outcome: 0,
    outcomeText: why,
    at,
    participants: [participantOf(by, true)],
    objects: before === after ? objects : [...objects, patientObject(after)],
  };
}
