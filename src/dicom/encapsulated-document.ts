import { KuvaError } from '../core/errors.ts';
import { decodeDataSet, getString } from './data-set.ts';
import { readFileMeta } from './file-meta.ts';
import { TAG } from './tags.ts';

/** The object is one, but what is in it is not of the type that was asked for, or is nothing. */
class EncapsulationError extends KuvaError {
  override readonly name = 'EncapsulationError';
}

/**
 * The document in an encapsulated document object (PS3.3 C.24.2), without the byte that pads it to an even length. `types` are MIME types in
 * lower case; a sender that says none is believed.
 * @throws EncapsulationError, FileMetaError, DataSetError
 */
export function encapsulatedDocument(file: Buffer, types: readonly string[]): Buffer {
  const { dataSetOffset, transferSyntaxUid } = readFileMeta(file);
  const dataSet = decodeDataSet(file.subarray(dataSetOffset), transferSyntaxUid);
  const type = (getString(dataSet, TAG.MIMETypeOfEncapsulatedDocument, '') ?? '').toLowerCase();
  if (type !== '' && !types.includes(type))
    throw new EncapsulationError(
      'ENCAPSULATED_TYPE',
      `the object says that what is in it is not ${types.join(' or ')}`,
    );
  const element = dataSet.get(TAG.EncapsulatedDocument);
  if (element === undefined || element.vr === 'SQ' || element.bytes.length === 0)
    throw new EncapsulationError('ENCAPSULATED_EMPTY', 'the object has no document in it');
  const stated = dataSet.get(TAG.EncapsulatedDocumentLength);
  const length =
    stated === undefined || stated.vr === 'SQ' || stated.bytes.length < 4 ? undefined : stated.bytes.readUInt32LE(0);
  if (length !== undefined && length <= element.bytes.length) return element.bytes.subarray(0, length);
  return element.bytes.at(-1) === 0 ? element.bytes.subarray(0, -1) : element.bytes;
}
