import { KuvaError } from '../core/errors.ts';
import { printable } from '../core/text.ts';
import {
  dataSetOf,
  decodeDataSet,
  encodeDataSet,
  getItems,
  getString,
  getUid,
  sequence,
  text,
  uid,
} from '../dicom/data-set.ts';
import type { DataSet, Element } from '../dicom/data-set.ts';
import { TAG } from '../dicom/tags.ts';
import { UID } from '../dicom/uids.ts';
import type { Association } from '../dimse/association.ts';
import type { DimseStatus } from '../dimse/command-types.ts';
import { STATUS, statusCategory, statusName, statusText } from '../dimse/status-table.ts';
import type { PriorCandidate } from './comparable.ts';

const SYNTAXES = [UID.ExplicitVRLittleEndian, UID.ImplicitVRLittleEndian];

/** What finding and fetching propose (Study Root). */
export const PRIOR_CONTEXTS = [
  { abstractSyntax: UID.StudyRootFind, transferSyntaxes: SYNTAXES },
  { abstractSyntax: UID.StudyRootMove, transferSyntaxes: SYNTAXES },
];

/** A query as it goes out. */
export interface AskedQuery {
  readonly sopClassUid: string;
  readonly transferSyntaxUid: string;
  readonly identifier: Buffer;
}

/** The archive did not answer as it should. */
class PriorQueryError extends KuvaError {
  override readonly name = 'PriorQueryError';
}

/** The archive's studies of a patient (PS3.4 C.4.1); `claim`: see `claimElements`; `asking` is told first. @throws PriorQueryError, AssociationError */
export async function findStudies(
  assoc: Association,
  { patientId, issuer }: { readonly patientId: string; readonly issuer: string },
  claim: readonly Element[],
  signal: AbortSignal,
  asking: (query: AskedQuery) => Promise<void>,
): Promise<PriorCandidate[]> {
  const pc = assoc.contextFor(UID.StudyRootFind);
  if (pc === undefined) throw new PriorQueryError('ARCHIVE_NO_FIND', 'the archive takes no Study Root C-FIND');
  const identifier = encodeDataSet(
    dataSetOf(
      text(TAG.SpecificCharacterSet, 'CS', 'ISO_IR 192', ''),
      text(TAG.QueryRetrieveLevel, 'CS', 'STUDY', ''),
      text(TAG.PatientID, 'LO', patientId, 'ISO_IR 192'),
      ...(issuer === '' ? [] : [text(TAG.IssuerOfPatientID, 'LO', issuer, 'ISO_IR 192')]),
      uid(TAG.StudyInstanceUID, ''),
      text(TAG.StudyDate, 'DA', '', ''),
      text(TAG.StudyDescription, 'LO', '', ''),
      text(TAG.ModalitiesInStudy, 'CS', '', ''),
      sequence(TAG.ProcedureCodeSequence, [
        dataSetOf(text(TAG.CodeValue, 'SH', '', ''), text(TAG.CodingSchemeDesignator, 'SH', '', '')),
      ]),
      ...claim,
    ),
    pc.transferSyntax,
  );
  await asking({ sopClassUid: UID.StudyRootFind, transferSyntaxUid: pc.transferSyntax, identifier });
  const found: PriorCandidate[] = [];
  for await (const { status, identifier: match } of assoc.find({ pc, priority: 0, identifier, signal })) {
    if (match !== undefined) {
      const candidate = candidateOf(decodeDataSet(match, pc.transferSyntax), patientId);
      if (candidate !== undefined) found.push(candidate);
    } else refuseFailure(status, 'C-FIND');
  }
  return found;
}

/** Asks the archive to send a study to us. @returns how many objects came @throws PriorQueryError, AssociationError */
export async function moveStudy(
  assoc: Association,
  studyInstanceUid: string,
  ownAet: string,
  claim: readonly Element[],
  signal: AbortSignal,
): Promise<number> {
  const pc = assoc.contextFor(UID.StudyRootMove);
  if (pc === undefined) throw new PriorQueryError('ARCHIVE_NO_MOVE', 'the archive takes no Study Root C-MOVE');
  const identifier = encodeDataSet(
    dataSetOf(
      ...(claim.length === 0 ? [] : [text(TAG.SpecificCharacterSet, 'CS', 'ISO_IR 192', '')]),
      text(TAG.QueryRetrieveLevel, 'CS', 'STUDY', ''),
      uid(TAG.StudyInstanceUID, studyInstanceUid),
      ...claim,
    ),
    pc.transferSyntax,
  );
  let completed = 0;
  for await (const response of assoc.move({ pc, priority: 0, identifier, moveDestination: ownAet, signal })) {
    completed = response.completed ?? completed;
    refuseFailure(response.status, 'C-MOVE');
  }
  return completed;
}

// An archive that matches less than it was asked for must not hand us another patient's studies.
function candidateOf(match: DataSet, patientId: string): PriorCandidate | undefined {
  const charset = getString(match, TAG.SpecificCharacterSet, '') ?? '';
  const studyInstanceUid = getUid(match, TAG.StudyInstanceUID);
  if (studyInstanceUid === undefined || getString(match, TAG.PatientID, charset) !== patientId) return undefined;
  return {
    studyInstanceUid,
    studyDate: getString(match, TAG.StudyDate, '') ?? '',
    studyDescription: getString(match, TAG.StudyDescription, charset) ?? '',
    modalities: (getString(match, TAG.ModalitiesInStudy, '') ?? '').split('\\').filter((modality) => modality !== ''),
    procedureCodes: getItems(match, TAG.ProcedureCodeSequence).map((item) => ({
      value: getString(item, TAG.CodeValue, charset) ?? '',
    })),
  };
}

function refuseFailure({ code, errorComment }: DimseStatus, operation: string): void {
  const category = statusCategory(code);
  if (code === STATUS.Success || category === 'pending' || category === 'warning') return;
  const answer = `${statusText(code)} ${statusName(code)}${errorComment === undefined ? '' : `: ${printable(errorComment)}`}`;
  throw new PriorQueryError('ARCHIVE_FAILED', `the archive answered the ${operation} ${answer}`, { status: code });
}
