import { dataSetOf, encodeDataSet, sequence, text, uid, unsignedShort } from '../../dicom/data-set.ts';
import type { DataSet } from '../../dicom/data-set.ts';
import { TAG } from '../../dicom/tags.ts';
import type { CommitmentFailure, CommitmentOutcome, CommitmentReference } from './commitment-outcome.ts';

/** PS3.4 J.3.3: 1 = all committed, 2 = failures exist. */
export function eventTypeOf(outcome: CommitmentOutcome): 1 | 2 {
  return outcome.failed.length === 0 ? 1 : 2;
}

/** The event information of a report (PS3.4 table J.3-2). */
export function encodeCommitmentReport(
  transactionUid: string,
  retrieveAet: string,
  outcome: CommitmentOutcome,
  transferSyntaxUid: string,
): Buffer {
  const { committed, failed } = outcome;
  const report = dataSetOf(
    text(TAG.RetrieveAETitle, 'AE', retrieveAet, ''),
    uid(TAG.TransactionUID, transactionUid),
    ...(failed.length === 0 ? [] : [sequence(TAG.FailedSOPSequence, failed.map(failedItem))]),
    ...(committed.length === 0
      ? []
      : [
          sequence(
            TAG.ReferencedSOPSequence,
            committed.map((reference) => dataSetOf(...referenceElements(reference))),
          ),
        ]),
  );
  return encodeDataSet(report, transferSyntaxUid);
}

function referenceElements(reference: CommitmentReference) {
  return [
    uid(TAG.ReferencedSOPClassUID, reference.sopClassUid),
    uid(TAG.ReferencedSOPInstanceUID, reference.sopInstanceUid),
  ];
}

function failedItem(failure: CommitmentFailure): DataSet {
  return dataSetOf(...referenceElements(failure), unsignedShort(TAG.FailureReason, failure.failureReason));
}
