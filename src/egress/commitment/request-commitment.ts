import { dataSetOf, encodeDataSet, sequence, uid } from '../../dicom/data-set.ts';
import { TAG } from '../../dicom/tags.ts';
import { UID } from '../../dicom/uids.ts';
import type { Association } from '../../dimse/association.ts';
import type { DimseStatus } from '../../dimse/command-types.ts';
import type { RequestedContext } from '../../dimse/requestor.ts';
import type { CommitmentReference } from '../../services/commitment/commitment-outcome.ts';

/** PS3.4 J.3.2: the one action of this SOP class. */
const REQUEST_STORAGE_COMMITMENT = 1;

export const COMMITMENT_CONTEXT: RequestedContext = {
  abstractSyntax: UID.StorageCommitmentPushModel,
  transferSyntaxes: [UID.ExplicitVRLittleEndian, UID.ImplicitVRLittleEndian],
};

/** Asks for storage commitment (PS3.4 J.3.2); undefined when the archive took no context for it. */
export async function requestCommitment(
  assoc: Pick<Association, 'contextFor' | 'nAction'>,
  transactionUid: string,
  references: readonly CommitmentReference[],
): Promise<DimseStatus | undefined> {
  const pc = assoc.contextFor(UID.StorageCommitmentPushModel);
  if (pc === undefined) return undefined;
  const { status } = await assoc.nAction({
    pc,
    requestedSOPInstanceUID: UID.StorageCommitmentPushModelInstance,
    actionTypeID: REQUEST_STORAGE_COMMITMENT,
    dataSet: encodeCommitmentRequest(transactionUid, references, pc.transferSyntax),
  });
  return status;
}

/** The action information (PS3.4 table J.3-1). */
function encodeCommitmentRequest(
  transactionUid: string,
  references: readonly CommitmentReference[],
  transferSyntaxUid: string,
): Buffer {
  const items = references.map(({ sopClassUid, sopInstanceUid }) =>
    dataSetOf(uid(TAG.ReferencedSOPClassUID, sopClassUid), uid(TAG.ReferencedSOPInstanceUID, sopInstanceUid)),
  );
  return encodeDataSet(
    dataSetOf(uid(TAG.TransactionUID, transactionUid), sequence(TAG.ReferencedSOPSequence, items)),
    transferSyntaxUid,
  );
}

/** Requests of at most so many instances each, about equal in size: an archive that looks at every file may take long for one. */
export function splitReferences<T>(references: readonly T[], most: number): T[][] {
  const parts = Math.ceil(references.length / most);
  return Array.from({ length: parts }, (_, i) =>
    references.slice(Math.floor((i * references.length) / parts), Math.floor(((i + 1) * references.length) / parts)),
  );
}
