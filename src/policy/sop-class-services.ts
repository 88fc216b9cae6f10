import { isStorageSopClass } from '../dicom/sop-class-table.ts';
import { UID } from '../dicom/uids.ts';
import type { CommonExtendedNegotiation } from '../dimse/ul/associate-types.ts';
import type { AeService } from '../index/index-types.ts';

/** SOP classes of which this node is the SCP, storage left out, and the service that each belongs to. */
export const SERVICE_SOP_CLASSES: ReadonlyMap<string, AeService> = new Map([
  [UID.Verification, 'echo'],
  [UID.PatientRootFind, 'find'],
  [UID.StudyRootFind, 'find'],
  [UID.PatientRootMove, 'move'],
  [UID.StudyRootMove, 'move'],
  [UID.PatientRootGet, 'get'],
  [UID.StudyRootGet, 'get'],
  [UID.StorageCommitmentPushModel, 'commit'],
]);

// PS3.6 table A-1: Storage Service Class.
const STORAGE_SERVICE_CLASS = '1.2.840.10008.4.2';

// The standard's own UIDs: one that is in no table of ours is a service that we do not have, never a private object.
const DICOM_ROOT = '1.2.840.10008.';

export interface StorageChoice {
  readonly extraSopClasses: readonly string[];
  readonly acceptUnknownSopClasses: boolean;
}

/**
 * The service that an abstract syntax asks for, or undefined when this node does not support it. An unknown class that its
 * sender relates to a storage class we know (PS3.7 D.3.3.6) is stored like that one.
 */
export function serviceOf(
  abstractSyntax: string,
  choice: StorageChoice,
  related: readonly CommonExtendedNegotiation[],
): AeService | undefined {
  const service = SERVICE_SOP_CLASSES.get(abstractSyntax);
  if (service !== undefined) {
    return service;
  }
  const specialised = related.some(
    (item) =>
      item.sopClassUID === abstractSyntax &&
      item.serviceClassUID === STORAGE_SERVICE_CLASS &&
      item.relatedGeneralSopClassUIDs.some(isStorageSopClass),
  );
  const stored =
    isStorageSopClass(abstractSyntax) ||
    choice.extraSopClasses.includes(abstractSyntax) ||
    specialised ||
    (choice.acceptUnknownSopClasses &&
      (!abstractSyntax.startsWith(DICOM_ROOT) || abstractSyntax.startsWith('1.2.840.10008.5.1.4.1.1.')));
  return stored && abstractSyntax !== '' ? 'store' : undefined;
}
