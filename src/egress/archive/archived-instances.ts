import { KuvaError } from '../../core/errors.ts';
import { dataSetOf, decodeDataSet, encodeDataSet, getUid, text, uid } from '../../dicom/data-set.ts';
import { TAG } from '../../dicom/tags.ts';
import { UID } from '../../dicom/uids.ts';
import type { Association } from '../../dimse/association.ts';
import { STATUS, statusCategory, statusName, statusText } from '../../dimse/status-table.ts';

/** What a C-FIND proposes (Study Root). */
export const FIND_CONTEXTS = [
  { abstractSyntax: UID.StudyRootFind, transferSyntaxes: [UID.ExplicitVRLittleEndian, UID.ImplicitVRLittleEndian] },
];

/** The archive could not be asked; not that it lacks something. */
class ArchiveQueryError extends KuvaError {
  override readonly name = 'ArchiveQueryError';
}

/**
 * The SOP Instance UIDs that the archive shows of a study, asked series by series, so that archives without relational queries answer, too
 * (PS3.4 C.4.1.2.1). @throws ArchiveQueryError when it answers with a failure, AssociationError
 */
export async function archivedInstances(
  assoc: Association,
  studyInstanceUid: string,
  seriesInstanceUids: Iterable<string>,
  signal: AbortSignal,
): Promise<Set<string>> {
  const pc = assoc.contextFor(UID.StudyRootFind);
  if (pc === undefined) throw new ArchiveQueryError('ARCHIVE_NO_FIND', 'the archive takes no Study Root C-FIND');
  const found = new Set<string>();
  for (const seriesInstanceUid of seriesInstanceUids) {
    const identifier = encodeDataSet(
      dataSetOf(
        uid(TAG.SOPInstanceUID, ''),
        text(TAG.QueryRetrieveLevel, 'CS', 'IMAGE', ''),
        uid(TAG.StudyInstanceUID, studyInstanceUid),
        uid(TAG.SeriesInstanceUID, seriesInstanceUid),
      ),
      pc.transferSyntax,
    );
    for await (const response of assoc.find({ pc, priority: 0, identifier, signal })) {
      const { code } = response.status;
      if (response.identifier !== undefined) {
        const sopInstanceUid = getUid(decodeDataSet(response.identifier, pc.transferSyntax), TAG.SOPInstanceUID);
        if (sopInstanceUid !== undefined) found.add(sopInstanceUid);
      } else if (code !== STATUS.Success && statusCategory(code) !== 'pending') {
        const answer = `${statusText(code)} ${statusName(code)}`;
        throw new ArchiveQueryError('ARCHIVE_FIND_FAILED', `the archive answered the C-FIND ${answer}`, {
          status: code,
        });
      }
    }
  }
  return found;
}
