import { KuvaError } from '../../core/errors.ts';
import { decodeDataSet, getItems, getUid } from '../../dicom/data-set.ts';
import type { DataSet } from '../../dicom/data-set.ts';
import { TAG } from '../../dicom/tags.ts';
import { UID } from '../../dicom/uids.ts';
import type { DimseStatus, NActionRequest } from '../../dimse/command-types.ts';
import { STATUS } from '../../dimse/status-table.ts';
import type { CommitmentReference } from './commitment-outcome.ts';

/** PS3.4 J.3.2: the one action of this SOP class. */
const REQUEST_STORAGE_COMMITMENT = 1;

/** An N-ACTION that is refused, with the status that says so (PS3.7 10.1.4.1.10). */
export class CommitmentRefusedError extends KuvaError {
  override readonly name = 'CommitmentRefusedError';
  readonly status: DimseStatus;

  constructor(status: DimseStatus, cause?: unknown) {
    super(
      'COMMITMENT_REFUSED',
      status.errorComment ?? 'storage commitment request refused',
      { status: status.code },
      cause,
    );
    this.status = status;
  }
}

export interface CommitmentRequest {
  readonly transactionUid: string;
  readonly references: readonly CommitmentReference[];
}

/** Reads a storage commitment request (PS3.4 J.3.2.1). */
export function parseCommitmentRequest(
  command: NActionRequest,
  dataSet: Buffer | undefined,
  transferSyntaxUid: string,
): CommitmentRequest {
  if (command.RequestedSOPClassUID !== UID.StorageCommitmentPushModel) throw refused(STATUS.NoSuchSOPClass);
  if (command.RequestedSOPInstanceUID !== UID.StorageCommitmentPushModelInstance)
    throw refused(STATUS.NoSuchObjectInstance);
  if (command.ActionTypeID !== REQUEST_STORAGE_COMMITMENT) throw refused(STATUS.NoSuchActionType);
  if (dataSet === undefined) throw refused(STATUS.MissingAttribute, 'no action information');

  const ds = decode(dataSet, transferSyntaxUid);
  const transactionUid = uid(ds, TAG.TransactionUID, 'Transaction UID');
  const items = getItems(ds, TAG.ReferencedSOPSequence);
  if (items.length === 0)
    throw refused(STATUS.MissingAttributeValue, 'Referenced SOP Sequence is empty', TAG.ReferencedSOPSequence);
  return {
    transactionUid,
    references: items.map((item) => ({
      sopClassUid: uid(item, TAG.ReferencedSOPClassUID, 'Referenced SOP Class UID'),
      sopInstanceUid: uid(item, TAG.ReferencedSOPInstanceUID, 'Referenced SOP Instance UID'),
    })),
  };
}

function decode(dataSet: Buffer, transferSyntaxUid: string): DataSet {
  try {
    return decodeDataSet(dataSet, transferSyntaxUid);
  } catch (cause) {
    throw new CommitmentRefusedError(
      { code: STATUS.InvalidArgumentValue, errorComment: 'action information is not readable' },
      cause,
    );
  }
}

function uid(ds: DataSet, tag: number, name: string): string {
  if (!ds.has(tag)) throw refused(STATUS.MissingAttribute, `${name} is missing`, tag);
  try {
    const value = getUid(ds, tag);
    if (value !== undefined && value !== '') return value;
  } catch (cause) {
    throw new CommitmentRefusedError(
      { code: STATUS.InvalidArgumentValue, errorComment: `${name} is no UID`, offendingElement: [tag] },
      cause,
    );
  }
  throw refused(STATUS.MissingAttributeValue, `${name} is empty`, tag);
}

function refused(code: number, errorComment?: string, tag?: number): CommitmentRefusedError {
  return new CommitmentRefusedError({
    code,
    ...(errorComment === undefined ? {} : { errorComment }),
    ...(tag === undefined ? {} : { offendingElement: [tag] }),
  });
}
