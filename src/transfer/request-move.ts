import { dataSetOf, encodeDataSet, text, uid } from '../dicom/data-set.ts';
import { TAG } from '../dicom/tags.ts';
import { UID } from '../dicom/uids.ts';
import { AssociationAbortedError } from '../dimse/association-errors.ts';
import type { Association } from '../dimse/association.ts';
import type { RetrieveResponse } from '../dimse/command-types.ts';
import type { RequestedContext } from '../dimse/requestor.ts';

export interface MoveKeys {
  readonly destination: string;
  readonly studyUid: string;
  readonly seriesUid: string | undefined;
}

/** What a C-MOVE of a study or series proposes (Study Root). */
export const MOVE_CONTEXTS: readonly RequestedContext[] = [
  { abstractSyntax: UID.StudyRootMove, transferSyntaxes: [UID.ExplicitVRLittleEndian, UID.ImplicitVRLittleEndian] },
];

/** Asks a peer to send a study or series to a destination that the peer knows. Yields its responses; the last one is final. */
export async function* requestMove(
  assoc: Association,
  keys: MoveKeys,
  signal: AbortSignal,
): AsyncGenerator<RetrieveResponse, void> {
  const pc = assoc.contextFor(UID.StudyRootMove);
  if (pc === undefined) {
    throw new AssociationAbortedError(false, 0, 0, 'the peer does not offer Study Root Query/Retrieve - MOVE');
  }
  const identifier = encodeDataSet(
    dataSetOf(
      text(TAG.QueryRetrieveLevel, 'CS', keys.seriesUid === undefined ? 'STUDY' : 'SERIES', ''),
      uid(TAG.StudyInstanceUID, keys.studyUid),
      ...(keys.seriesUid === undefined ? [] : [uid(TAG.SeriesInstanceUID, keys.seriesUid)]),
    ),
    pc.transferSyntax,
  );
  yield* assoc.move({ pc, priority: 0, identifier, moveDestination: keys.destination, signal });
}
