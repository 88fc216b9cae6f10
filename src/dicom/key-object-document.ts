import type { DataSet } from './data-set.ts';
import { getItems, getString, getUid } from './data-set.ts';
import { TAG } from './tags.ts';

/** What one key object selection document (PS3.3 A.35.4) says: why it was made, and of what. */
export interface KeyObjectDocument {
  /** Document title (PS3.16 CID 7010): the code of its root's concept name; both '' when it has none. */
  readonly title: { readonly value: string; readonly scheme: string };
  readonly references: readonly KeyObjectReference[];
}

export interface KeyObjectReference {
  readonly studyInstanceUid: string;
  readonly seriesInstanceUid: string;
  readonly sopClassUid: string;
  readonly sopInstanceUid: string;
}

/**
 * Reads title and references. The references are those of the Current Requested Procedure Evidence Sequence (PS3.3 C.17.2), which has
 * each instance with its series and study, and must name everything that the content tree does. One without all four UIDs is left out.
 * @throws UidError when a reference is not a UID
 */
export function readKeyObjectDocument(dataSet: DataSet): KeyObjectDocument {
  const name = getItems(dataSet, TAG.ConceptNameCodeSequence)[0];
  const codeOf = (tag: number): string => (name === undefined ? '' : (getString(name, tag, '') ?? ''));
  return {
    title: { value: codeOf(TAG.CodeValue), scheme: codeOf(TAG.CodingSchemeDesignator) },
    references: [...referencesOf(dataSet)],
  };
}

function* referencesOf(dataSet: DataSet): Generator<KeyObjectReference> {
  for (const study of getItems(dataSet, TAG.CurrentRequestedProcedureEvidenceSequence)) {
    const studyInstanceUid = getUid(study, TAG.StudyInstanceUID);
    for (const series of getItems(study, TAG.ReferencedSeriesSequence)) {
      const seriesInstanceUid = getUid(series, TAG.SeriesInstanceUID);
      for (const item of getItems(series, TAG.ReferencedSOPSequence)) {
        const sopClassUid = getUid(item, TAG.ReferencedSOPClassUID);
        const sopInstanceUid = getUid(item, TAG.ReferencedSOPInstanceUID);
        const uids = [studyInstanceUid, seriesInstanceUid, sopClassUid, sopInstanceUid];
        if (uids.every((uid) => uid !== undefined)) {
          const [study, series, sopClass, instance] = uids as [string, string, string, string];
          yield {
            studyInstanceUid: study,
            seriesInstanceUid: series,
            sopClassUid: sopClass,
            sopInstanceUid: instance,
          };
        }
      }
    }
  }
}
