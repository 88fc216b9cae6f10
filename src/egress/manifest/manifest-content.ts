import type { HeaderItem } from '../../dicom/header-reader.ts';
import { referenceKind } from './reference-kind.ts';

/** An instance that the archive has committed itself to keep. */
export interface ManifestInstance {
  readonly seriesInstanceUid: string;
  readonly sopClassUid: string;
  readonly sopInstanceUid: string;
}

/** By series, then by instance, in the order of their UIDs: the content must not depend on the order in which things were sent. */
export function inOrder(instances: readonly ManifestInstance[]): ManifestInstance[] {
  const key = ({ seriesInstanceUid, sopInstanceUid }: ManifestInstance) => `${seriesInstanceUid} ${sopInstanceUid}`;
  return instances.toSorted((a, b) => (key(a) < key(b) ? -1 : key(a) > key(b) ? 1 : 0));
}

/** Current Requested Procedure Evidence Sequence (PS3.3 C.17.2.1): every instance, and where to retrieve it. */
export function evidence(
  studyInstanceUid: string,
  instances: readonly ManifestInstance[],
  retrieveAet: string,
): HeaderItem {
  const series = Map.groupBy(instances, (instance) => instance.seriesInstanceUid);
  return {
    StudyInstanceUID: studyInstanceUid,
    ReferencedSeriesSequence: [...series].map(([SeriesInstanceUID, ofSeries]) => ({
      RetrieveAETitle: retrieveAet,
      SeriesInstanceUID,
      ReferencedSOPSequence: ofSeries.map(reference),
    })),
  };
}

/** Content Sequence of TID 2010: each instance again, as what it is. */
export function contentItems(instances: readonly ManifestInstance[]): HeaderItem[] {
  return instances.map((instance) => ({
    RelationshipType: 'CONTAINS',
    ValueType: referenceKind(instance.sopClassUid),
    ReferencedSOPSequence: [reference(instance)],
  }));
}

function reference({ sopClassUid, sopInstanceUid }: ManifestInstance): HeaderItem {
  return { ReferencedSOPClassUID: sopClassUid, ReferencedSOPInstanceUID: sopInstanceUid };
}
