import { decodeDataSet, getItems, getUid, getUS } from '../../dicom/data-set.ts';
import type { DataSet } from '../../dicom/data-set.ts';
import { TAG } from '../../dicom/tags.ts';
import { STATUS } from '../../dimse/status-table.ts';
import type { CommitmentOutcome, CommitmentReference } from './commitment-outcome.ts';

/** What an archive reports of one transaction (PS3.4 table J.3-2). */
export interface CommitmentReport extends CommitmentOutcome {
  readonly transactionUid: string;
}

/** Reads the event information of a storage commitment report. @throws DataSetError, UidError, RangeError when an element is missing */
export function parseCommitmentReport(dataSet: Buffer, transferSyntaxUid: string): CommitmentReport {
  const ds = decodeDataSet(dataSet, transferSyntaxUid);
  return {
    transactionUid: uidOf(ds, TAG.TransactionUID, 'Transaction UID'),
    committed: getItems(ds, TAG.ReferencedSOPSequence).map(reference),
    failed: getItems(ds, TAG.FailedSOPSequence).map((item) => ({
      ...reference(item),
      // Type 1 (PS3.4 table J.3-2); an archive that gives none still says that it does not have the object.
      failureReason: getUS(item, TAG.FailureReason) ?? STATUS.ProcessingFailure,
    })),
  };
}

function reference(item: DataSet): CommitmentReference {
  return {
    sopClassUid: uidOf(item, TAG.ReferencedSOPClassUID, 'Referenced SOP Class UID'),
    sopInstanceUid: uidOf(item, TAG.ReferencedSOPInstanceUID, 'Referenced SOP Instance UID'),
  };
}

function uidOf(ds: DataSet, tag: number, name: string): string {
  const value = getUid(ds, tag);
  if (value === undefined) throw new RangeError(`${name} is missing`);
  return value;
}
