import { encodeDataSet, text } from '../../dicom/data-set.ts';
import type { DataSet, Element } from '../../dicom/data-set.ts';
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
  const elements: Element[] = [
    text(TAG.RetrieveAETitle, 'AE', retrieveAet, ''),
    text(TAG.TransactionUID, 'UI', transactionUid, ''),
  ];
  if (outcome.failed.length > 0) {
    elements.push({ tag: TAG.FailedSOPSequence, vr: 'SQ', items: outcome.failed.map(failedItem) });
  }
  if (outcome.committed.length > 0) {
    elements.push({ tag: TAG.ReferencedSOPSequence, vr: 'SQ', items: outcome.committed.map((reference) => dataSet(referenceElements(reference))) });
  }
  return encodeDataSet(dataSet(elements), transferSyntaxUid);
}

function referenceElements(reference: CommitmentReference): Element[] {
  return [
    text(TAG.ReferencedSOPClassUID, 'UI', reference.sopClassUid, ''),
    text(TAG.ReferencedSOPInstanceUID, 'UI', reference.sopInstanceUid, ''),
  ];
}

function failedItem(failure: CommitmentFailure): DataSet {
  const bytes = Buffer.alloc(2);
  bytes.writeUInt16LE(failure.failureReason);
  return dataSet([...referenceElements(failure), { tag: TAG.FailureReason, vr: 'US', bytes }]);
}

function dataSet(elements: readonly Element[]): DataSet {
  return new Map(elements.map((element) => [element.tag, element]));
}
