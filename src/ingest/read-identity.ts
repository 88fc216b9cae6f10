import { toError } from '../core/errors.ts';
import type { FileMeta } from '../dicom/file-meta.ts';
import { HeaderError } from '../dicom/header-reader.ts';
import type { HeaderReader, InstanceHeader } from '../dicom/header-reader.ts';
import { TAG } from '../dicom/tags.ts';
import { isUid } from '../dicom/uid-syntax.ts';
import { CannotUnderstandError, DataSetMismatchError } from './ingest-errors.ts';

// PS3.3 C.12.1 and C.7.2.1, C.7.3.1: type 1 in every composite IOD, and what C-FIND and C-MOVE reach the object by.
const NEEDED = [
  ['SOPClassUID', 'SOP Class UID'],
  ['SOPInstanceUID', 'SOP Instance UID'],
  ['StudyInstanceUID', 'Study Instance UID'],
  ['SeriesInstanceUID', 'Series Instance UID'],
] as const;
// PS3.4 B.2.3: the data set must match the SOP class and instance of the request.
const AGREEING = [
  ['SOPClassUID', 'SOP Class UID', 'sopClassUid'],
  ['SOPInstanceUID', 'SOP Instance UID', 'sopInstanceUid'],
] as const;

/**
 * The header of an object that has arrived whole, checked against what was announced.
 * @throws CannotUnderstandError, DataSetMismatchError
 */
export function readIdentity(reader: HeaderReader, announced: FileMeta): InstanceHeader {
  const header = readHeader(reader);
  for (const [keyword, name] of NEEDED) {
    const value = header.attributes[keyword];
    if (typeof value === 'string' && isUid(value)) continue;
    const why = header.truncated
      ? `${name} not found in the first part of the data set`
      : `${name} is missing or is no UID`;
    throw new CannotUnderstandError('IDENTITY_MISSING', TAG[keyword], why, { keyword, truncated: header.truncated });
  }
  for (const [keyword, name, field] of AGREEING) {
    if (header.attributes[keyword] !== announced[field]) {
      throw new DataSetMismatchError(TAG[keyword], `${name} differs between command and data set`, { keyword });
    }
  }
  return header;
}

function readHeader(reader: HeaderReader): InstanceHeader {
  try {
    return reader.finish();
  } catch (thrown) {
    const tag = thrown instanceof HeaderError ? thrown.tag : 0;
    const code = thrown instanceof HeaderError ? thrown.code : 'HEADER_UNREADABLE';
    const cause = toError(thrown);
    throw new CannotUnderstandError(code, tag, cause.message, {}, cause);
  }
}
