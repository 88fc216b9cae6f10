import type { RejectionNote } from '../index/rejections/rejection-types.ts';
import type { AuditActor } from './audit-actors.ts';
import type { AuditMessage } from './audit-message.ts';
import { instancesAccessed, studyDeleted } from './events/transfer-events.ts';

/** Of a study that a rejection note names: what to tell when all of it is out of regular use then, and when a part of it is. */
export interface RejectedStudy {
  readonly studyInstanceUid: string;
  readonly whole: AuditMessage;
  readonly part: AuditMessage;
}

/** What a rejection note (IHE IOCM) takes out of regular use: a whole study is deleted (PS3.15 A.5.3.8), a part of one accessed (A.5.3.6). */
export function rejectionMessages(
  { code, references }: RejectionNote,
  note: { readonly at: number; readonly by: AuditActor; readonly patientId: string; readonly noteUid: string },
): RejectedStudy[] {
  const { at, by, patientId, noteUid } = note;
  return [...Map.groupBy(references, ({ studyInstanceUid }) => studyInstanceUid)].map(([studyInstanceUid, objects]) => {
    const study = { studyInstanceUid, patientId, sopClasses: [] };
    const why = `${objects.length} objects named by rejection note ${noteUid} (${code}): out of regular use, and kept`;
    return {
      studyInstanceUid,
      whole: studyDeleted({ at, by, study, why }),
      part: instancesAccessed({ at, by, study, action: 'D', why }),
    };
  });
}
