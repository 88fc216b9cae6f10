import { KuvaError } from '../core/errors.ts';
import { KUVA_IMPLEMENTATION_CLASS_UID, KUVA_IMPLEMENTATION_VERSION_NAME } from './uids.ts';
import { parseUid, UidError } from './uid-syntax.ts';
import { vrFromCode } from './vr-table.ts';

/** A file that does not begin as PS3.10 7.1 says. NEED_MORE is not a fault: give a longer prefix. */
export class FileMetaError extends KuvaError {
  override readonly name = 'FileMetaError';
}

export interface FileMeta {
  readonly sopClassUid: string;
  readonly sopInstanceUid: string;
  readonly transferSyntaxUid: string;
}

/** `dataSetOffset`: byte at which the data set begins. A UID that the file leaves out is an empty string. */
export interface FileMetaFound extends FileMeta {
  readonly dataSetOffset: number;
}

const PREAMBLE = 128;
const MAGIC = Buffer.from('DICM', 'latin1');
const META_START = PREAMBLE + MAGIC.length;
// Real ones have a few hundred bytes; Private Information (0002,0102) is the only part that could be longer.
const MAX_META = 1 << 20;

function element(tagElement: number, vr: string, value: Buffer): Buffer {
  const long = vr === 'OB';
  const head = Buffer.alloc(long ? 12 : 8);
  head.writeUInt16LE(0x0002, 0);
  head.writeUInt16LE(tagElement, 2);
  head.write(vr, 4, 'latin1');
  if (long) head.writeUInt32LE(value.length, 8);
  else head.writeUInt16LE(value.length, 6);
  return Buffer.concat([head, value]);
}

function padded(text: string, pad: string): Buffer {
  return Buffer.from(text.length % 2 === 0 ? text : text + pad, 'latin1');
}

/**
 * Preamble, prefix and File Meta Information (PS3.10 7.1) of our files. It depends on the three UIDs alone (no time, no AE title),
 * so that the same data set always makes the same file.
 */
export function encodeFileMeta(meta: FileMeta): Buffer {
  const group = Buffer.concat([
    element(0x0001, 'OB', Buffer.from([0x00, 0x01])),
    element(0x0002, 'UI', padded(meta.sopClassUid, '\0')),
    element(0x0003, 'UI', padded(meta.sopInstanceUid, '\0')),
    element(0x0010, 'UI', padded(meta.transferSyntaxUid, '\0')),
    element(0x0012, 'UI', padded(KUVA_IMPLEMENTATION_CLASS_UID, '\0')),
    element(0x0013, 'SH', padded(KUVA_IMPLEMENTATION_VERSION_NAME, ' ')),
  ]);
  const length = Buffer.alloc(4);
  length.writeUInt32LE(group.length);
  return Buffer.concat([Buffer.alloc(PREAMBLE), MAGIC, element(0x0000, 'UL', length), group]);
}

const needMore = (length: number): FileMetaError =>
  new FileMetaError('NEED_MORE', 'The file meta information goes on beyond the bytes given', { length });

function uidAt(bytes: Buffer, tagElement: number): string {
  try {
    return bytes.length === 0 ? '' : parseUid(bytes);
  } catch (error) {
    if (!(error instanceof UidError)) throw error;
    throw new FileMetaError(
      'UID_INVALID',
      `(0002,${tagElement.toString(16).padStart(4, '0')}) is not a UID`,
      { element: tagElement },
      error,
    );
  }
}

/**
 * Reads the file meta information at the start of `buf`. It ends where the group changes: Group Length (0002,0000) is not trusted, since files with a wrong one are common.
 * @throws FileMetaError NEED_MORE, NOT_DICOM, META_MALFORMED, UID_INVALID, TRANSFER_SYNTAX_MISSING
 */
export function readFileMeta(buf: Buffer): FileMetaFound {
  if (buf.length < META_START) throw needMore(buf.length);
  if (buf.compare(MAGIC, 0, 4, PREAMBLE, META_START) !== 0) {
    throw new FileMetaError('NOT_DICOM', 'No DICM at byte 128: this is not a DICOM file');
  }
  const found = { sopClassUid: '', sopInstanceUid: '', transferSyntaxUid: '' };
  let offset = META_START;
  for (;;) {
    if (offset > MAX_META)
      throw new FileMetaError('META_MALFORMED', 'The file meta information is longer than 1 MiB', { offset });
    if (buf.length < offset + 8) throw needMore(buf.length);
    if (buf.readUInt16LE(offset) !== 0x0002) break;
    const tagElement = buf.readUInt16LE(offset + 2);
    const code = vrFromCode(buf[offset + 4]!, buf[offset + 5]!);
    if (code === undefined)
      throw new FileMetaError('META_MALFORMED', 'The file meta information is not Explicit VR Little Endian', {
        offset,
      });
    const long = code.longLength;
    if (long && buf.length < offset + 12) throw needMore(buf.length);
    const length = long ? buf.readUInt32LE(offset + 8) : buf.readUInt16LE(offset + 6);
    const start = offset + (long ? 12 : 8);
    if (length > MAX_META)
      throw new FileMetaError('META_MALFORMED', 'A file meta element is longer than 1 MiB', { offset, length });
    if (buf.length < start + length) throw needMore(buf.length);
    const value = buf.subarray(start, start + length);
    if (tagElement === 0x0002) found.sopClassUid = uidAt(value, tagElement);
    else if (tagElement === 0x0003) found.sopInstanceUid = uidAt(value, tagElement);
    else if (tagElement === 0x0010) found.transferSyntaxUid = uidAt(value, tagElement);
    offset = start + length;
  }
  if (found.transferSyntaxUid === '')
    throw new FileMetaError('TRANSFER_SYNTAX_MISSING', 'The file meta information names no transfer syntax', {
      offset,
    });
  return { ...found, dataSetOffset: offset };
}
