import { decodeDataSet, getString } from '../dicom/data-set.ts';
import type { DataSet } from '../dicom/data-set.ts';
import { TAG } from '../dicom/tags.ts';
import { isUid } from '../dicom/uid-syntax.ts';
import { identifierMismatch } from './retrieve-errors.ts';
import type { InstanceSelection } from '../index/index-types.ts';

export type InformationModel = 'PATIENT' | 'STUDY';

/** More UIDs in one key than any client has reason to name; a key longer than this is refused. */
const MAX_UIDS = 100_000;

const LEVELS: Readonly<Record<InformationModel, readonly InstanceSelection['level'][]>> = {
  PATIENT: ['PATIENT', 'STUDY', 'SERIES', 'IMAGE'],
  STUDY: ['STUDY', 'SERIES', 'IMAGE'],
};

/**
 * Reads the identifier of a C-MOVE or C-GET (PS3.4 C.4.2.1.4). The unique key of the level must be there; those above
 * it narrow the selection when they are given, as in relational retrieve, since UIDs are unique by themselves.
 */
export function parseRetrieveIdentifier(
  identifier: Buffer,
  transferSyntaxUid: string,
  model: InformationModel,
): InstanceSelection {
  const ds = decode(identifier, transferSyntaxUid);
  const level = levelOf(ds, model);
  const patientId = text(ds, TAG.PatientID);
  const issuer = text(ds, TAG.IssuerOfPatientID);
  const studyUids = uidList(ds, TAG.StudyInstanceUID, 'Study Instance UID');
  const seriesUids = uidList(ds, TAG.SeriesInstanceUID, 'Series Instance UID');
  const sopUids = uidList(ds, TAG.SOPInstanceUID, 'SOP Instance UID');

  if (level === 'PATIENT' && patientId === undefined) throw missing('Patient ID', TAG.PatientID);
  if (level === 'STUDY' && studyUids === undefined) throw missing('Study Instance UID', TAG.StudyInstanceUID);
  if (level === 'SERIES' && seriesUids === undefined) throw missing('Series Instance UID', TAG.SeriesInstanceUID);
  if (level === 'IMAGE' && sopUids === undefined) throw missing('SOP Instance UID', TAG.SOPInstanceUID);

  return {
    level,
    ...(patientId === undefined ? {} : { patientId }),
    ...(issuer === undefined ? {} : { issuer }),
    // Keys below the level are no part of the request (PS3.4 C.4.2.2.1).
    ...(studyUids === undefined || level === 'PATIENT' ? {} : { studyUids }),
    ...(seriesUids === undefined || level === 'PATIENT' || level === 'STUDY' ? {} : { seriesUids }),
    ...(sopUids === undefined || level !== 'IMAGE' ? {} : { sopUids }),
  };
}

/** The text of the attribute by which a peer says who asks; '' for none. */
export function claimOf(identifier: Buffer, transferSyntaxUid: string, tag: number | undefined): string {
  return tag === undefined ? '' : (text(decode(identifier, transferSyntaxUid), tag) ?? '');
}

function decode(identifier: Buffer, transferSyntaxUid: string): DataSet {
  try {
    return decodeDataSet(identifier, transferSyntaxUid);
  } catch (cause) {
    throw identifierMismatch('identifier is not a readable data set', undefined, cause);
  }
}

function levelOf(ds: DataSet, model: InformationModel): InstanceSelection['level'] {
  const value = text(ds, TAG.QueryRetrieveLevel) ?? '';
  const level = LEVELS[model].find((name) => name === value);
  if (level === undefined) {
    throw identifierMismatch(`Query/Retrieve Level must be ${LEVELS[model].join(', ')}`, TAG.QueryRetrieveLevel);
  }
  return level;
}

function text(ds: DataSet, tag: number): string | undefined {
  const value = getString(ds, tag, getString(ds, TAG.SpecificCharacterSet, '') ?? '')?.trim();
  return value === undefined || value === '' ? undefined : value;
}

function uidList(ds: DataSet, tag: number, name: string): string[] | undefined {
  const value = text(ds, tag);
  if (value === undefined) return undefined;
  const uids = [...new Set(value.split('\\').map((uid) => uid.trim()))];
  if (uids.length > MAX_UIDS) throw identifierMismatch(`more than ${MAX_UIDS} values of ${name}`, tag);
  // Wildcards in a unique key are not allowed (PS3.4 C.4.2.2.1).
  if (!uids.every(isUid)) throw identifierMismatch(`${name} holds what is no UID`, tag);
  return uids;
}

function missing(name: string, tag: number) {
  return identifierMismatch(`${name} is required at this level`, tag);
}
