import { UID } from '../dicom/uids.ts';
import type { DimseStatus } from '../dimse/command-types.ts';
import { STATUS } from '../dimse/status-table.ts';
import type { InformationModel } from '../retrieve/retrieve-identifier.ts';

const FIND_MODELS: ReadonlyMap<string, InformationModel> = new Map([
  [UID.PatientRootFind, 'PATIENT'],
  [UID.StudyRootFind, 'STUDY'],
]);

const RETRIEVE_MODELS: ReadonlyMap<string, InformationModel> = new Map([
  [UID.PatientRootMove, 'PATIENT'],
  [UID.PatientRootGet, 'PATIENT'],
  [UID.StudyRootMove, 'STUDY'],
  [UID.StudyRootGet, 'STUDY'],
]);

/** The information model of a C-FIND SOP class (PS3.4 C.3), undefined for every other class. */
export function findModelOf(abstractSyntax: string): InformationModel | undefined {
  return FIND_MODELS.get(abstractSyntax);
}

/** The information model of a C-MOVE or C-GET SOP class. */
export function retrieveModelOf(abstractSyntax: string): InformationModel | undefined {
  return RETRIEVE_MODELS.get(abstractSyntax);
}

/** The answer on a context whose class is none of these models (PS3.7 C.5.15). */
export function notThisModel(): DimseStatus {
  return { code: STATUS.SOPClassNotSupported };
}
