import { open } from 'node:fs/promises';
import type { FileHandle } from 'node:fs/promises';
import { FileMetaError, readFileMeta } from '../dicom/file-meta.ts';
import type { FileMeta, FileMetaFound } from '../dicom/file-meta.ts';
import { DEFAULT_HEADER_BYTES, HeaderReader } from '../dicom/header-reader.ts';
import { UID } from '../dicom/uids.ts';
import { isUid } from '../dicom/uid-syntax.ts';
import { ImportRefusal } from './import-refusal.ts';

/** A file that holds one instance, open for reading. */
export interface InstanceFile extends AsyncDisposable {
  readonly meta: FileMeta;
  readonly fd: number;
  /** Byte at which the data set begins. */
  readonly dataSetOffset: number;
  readonly size: number;
  /** The data set as it lies in the file. */
  chunks(): AsyncGenerator<Buffer>;
}

const PREFIX_BYTES = 64 * 1024;
const MAX_PREFIX_BYTES = 1 << 20;
const CHUNK_BYTES = 1 << 20;
const HEADER_CHUNK_BYTES = 8192;
const PREAMBLE = 128;
const MAGIC = Buffer.from('DICM', 'latin1');

/**
 * Opens a Part 10 file, one whose preamble or prefix is missing, or a bare data set in an uncompressed syntax, as older systems wrote them.
 * @throws ImportRefusal NOT_DICOM, DICOMDIR and others
 */
export async function openInstanceFile(path: string): Promise<InstanceFile> {
  const file = await open(path, 'r');
  try {
    const { size } = await file.stat();
    const { meta, dataSetOffset } = await identify(file, size);
    if (meta.sopClassUid === UID.MediaStorageDirectoryStorage) {
      throw new ImportRefusal('DICOMDIR', 'a DICOMDIR is a table of contents and no instance');
    }
    return {
      meta,
      dataSetOffset,
      size,
      fd: file.fd,
      chunks: () => chunksOf(file, dataSetOffset, size, CHUNK_BYTES),
      [Symbol.asyncDispose]: () => file.close(),
    };
  } catch (error) {
    await file.close();
    throw error;
  }
}

interface Identified {
  readonly meta: FileMeta;
  readonly dataSetOffset: number;
}

async function identify(file: FileHandle, size: number): Promise<Identified> {
  let prefix = await readPrefix(file, Math.min(size, PREFIX_BYTES));
  for (;;) {
    try {
      return await identifyPrefix(file, size, prefix);
    } catch (error) {
      if (!(error instanceof FileMetaError)) throw error;
      if (error.code !== 'NEED_MORE' || prefix.length >= Math.min(size, MAX_PREFIX_BYTES)) {
        throw new ImportRefusal(
          error.code === 'NEED_MORE' ? 'TRUNCATED' : error.code,
          error.code === 'NEED_MORE' ? 'the file ends before its data set' : error.message,
          {},
          error,
        );
      }
      prefix = await readPrefix(file, Math.min(size, prefix.length * 4));
    }
  }
}

async function identifyPrefix(file: FileHandle, size: number, prefix: Buffer): Promise<Identified> {
  // Bytes that would have to be put in front of the file to make it a Part 10 file.
  const missing = isMagic(prefix, PREAMBLE)
    ? 0
    : isMagic(prefix, 0)
      ? PREAMBLE
      : startsWithMeta(prefix)
        ? PREAMBLE + MAGIC.length
        : undefined;
  const { dataSetOffset, ...meta } = missing === undefined ? bareDataSet(prefix, size) : readMeta(prefix, missing);
  // The data set is what will be kept; old archives often changed it and left the file meta information as it was.
  const uids = (await uidsFromHeader(file, dataSetOffset, size, meta.transferSyntaxUid)) ?? meta;
  if (!isUid(uids.sopClassUid) || !isUid(uids.sopInstanceUid)) {
    throw new ImportRefusal(
      'UIDS_MISSING',
      'it has no SOP Class UID and SOP Instance UID, if it is a DICOM file at all',
    );
  }
  return {
    meta: {
      sopClassUid: uids.sopClassUid,
      sopInstanceUid: uids.sopInstanceUid,
      transferSyntaxUid: meta.transferSyntaxUid,
    },
    dataSetOffset,
  };
}

function readMeta(prefix: Buffer, missing: number): FileMetaFound {
  const before = Buffer.concat([Buffer.alloc(PREAMBLE), MAGIC]).subarray(0, missing);
  try {
    const found = readFileMeta(missing === 0 ? prefix : Buffer.concat([before, prefix]));
    return { ...found, dataSetOffset: found.dataSetOffset - missing };
  } catch (error) {
    if (!(error instanceof FileMetaError) || error.code !== 'TRANSFER_SYNTAX_MISSING') throw error;
    const dataSetOffset = Number(error.facts['offset']) - missing;
    return {
      sopClassUid: '',
      sopInstanceUid: '',
      transferSyntaxUid: guessOr(prefix.subarray(dataSetOffset), 'TRANSFER_SYNTAX_MISSING', error.message),
      dataSetOffset,
    };
  }
}

function bareDataSet(prefix: Buffer, size: number): FileMetaFound {
  if (size === 0) throw new ImportRefusal('NOT_DICOM', 'the file is empty');
  return {
    sopClassUid: '',
    sopInstanceUid: '',
    transferSyntaxUid: guessOr(prefix, 'NOT_DICOM', 'this is not a DICOM file'),
    dataSetOffset: 0,
  };
}

function guessOr(dataSet: Buffer, code: string, refusal: string): string {
  const guess = guessSyntax(dataSet);
  if (guess === undefined) throw new ImportRefusal(code, refusal);
  return guess;
}

/** A data set alone is plausible when it begins with group 0008 (PS3.5 7.1); it has to name its SOP class and instance, too. */
function guessSyntax(prefix: Buffer): string | undefined {
  if (prefix.length < 16) {
    return undefined;
  }
  const hasVr = /^[A-Z]{2}$/.test(prefix.toString('latin1', 4, 6));
  // (0008,0000) to (0008,0018): group length, character set, image type, SOP class … come first in every composite object.
  if (prefix.readUInt16LE(0) === 0x0008 && prefix.readUInt16LE(2) <= 0x0018) {
    return hasVr ? UID.ExplicitVRLittleEndian : prefix.readUInt32LE(4) < 1024 ? UID.ImplicitVRLittleEndian : undefined;
  }
  return prefix.readUInt16BE(0) === 0x0008 && prefix.readUInt16BE(2) <= 0x0018 && hasVr
    ? UID.ExplicitVRBigEndian
    : undefined;
}

/** Undefined when the header cannot be read or lacks them. */
async function uidsFromHeader(
  file: FileHandle,
  offset: number,
  size: number,
  transferSyntaxUid: string,
): Promise<{ sopClassUid: string; sopInstanceUid: string } | undefined> {
  const reader = new HeaderReader({ transferSyntaxUid, maxBytes: DEFAULT_HEADER_BYTES });
  for await (const chunk of chunksOf(file, offset, size, HEADER_CHUNK_BYTES)) {
    if (reader.push(chunk)) break;
  }
  try {
    const { SOPClassUID, SOPInstanceUID } = reader.finish().attributes;
    return typeof SOPClassUID === 'string' &&
      typeof SOPInstanceUID === 'string' &&
      isUid(SOPClassUID) &&
      isUid(SOPInstanceUID)
      ? { sopClassUid: SOPClassUID, sopInstanceUid: SOPInstanceUID }
      : undefined;
  } catch {
    return undefined;
  }
}

function isMagic(prefix: Buffer, at: number): boolean {
  return prefix.length >= at + MAGIC.length && prefix.compare(MAGIC, 0, MAGIC.length, at, at + MAGIC.length) === 0;
}

function startsWithMeta(prefix: Buffer): boolean {
  return (
    prefix.length >= 8 &&
    prefix.readUInt16LE(0) === 0x0002 &&
    prefix.readUInt16LE(2) <= 0x0016 &&
    /^[A-Z]{2}$/.test(prefix.toString('latin1', 4, 6))
  );
}

async function readPrefix(file: FileHandle, length: number): Promise<Buffer> {
  const buffer = Buffer.allocUnsafe(length);
  const { bytesRead } = await file.read(buffer, 0, length, 0);
  return buffer.subarray(0, bytesRead);
}

// A fresh buffer each time: whoever takes a chunk owns it.
async function* chunksOf(file: FileHandle, offset: number, size: number, chunkBytes: number): AsyncGenerator<Buffer> {
  for (let at = offset; at < size;) {
    const buffer = Buffer.allocUnsafeSlow(Math.min(chunkBytes, size - at));
    const { bytesRead } = await file.read(buffer, 0, buffer.length, at);
    if (bytesRead === 0) {
      throw new ImportRefusal('TRUNCATED', 'the file became shorter while it was read');
    }
    at += bytesRead;
    yield buffer.subarray(0, bytesRead);
  }
}
