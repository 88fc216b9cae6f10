import { open, readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { decodeDataSet, getItems, getString } from '../dicom/data-set.ts';
import { readFileMeta } from '../dicom/file-meta.ts';
import { UID } from '../dicom/uids.ts';
import { ImportRefusal } from './import-refusal.ts';

// PS3.3 F.3.2.2; these tags are in directories alone.
const DIRECTORY_RECORD_SEQUENCE = 0x0004_1220;
const REFERENCED_FILE_ID = 0x0004_1500;

// Media hold some thousand records; this is 200 bytes a record for a million of them.
const MAX_BYTES = 200 * 1024 * 1024;

// Part 10 preamble, prefix and file meta information of a directory; what does not fit is no directory of anybody.
const META_BYTES = 4096;

/** Whether the file says of itself that it is a DICOMDIR, whatever its name; false when it cannot be read. */
export async function isDicomdir(path: string): Promise<boolean> {
  try {
    await using file = await open(path, 'r');
    const { buffer, bytesRead } = await file.read(Buffer.alloc(META_BYTES), 0, META_BYTES, 0);
    return readFileMeta(buffer.subarray(0, bytesRead)).sopClassUid === UID.MediaStorageDirectoryStorage;
  } catch {
    return false;
  }
}

/**
 * The files that a DICOMDIR names, relative to its folder, in its order (PS3.10 8.6). Only names below that folder are returned.
 * @throws ImportRefusal when it is no DICOMDIR
 */
export async function readDicomdir(path: string): Promise<string[]> {
  const { size } = await stat(path);
  if (size > MAX_BYTES) {
    throw new ImportRefusal('DICOMDIR', `the DICOMDIR is larger than ${MAX_BYTES} bytes`);
  }
  try {
    const bytes = await readFile(path);
    const meta = readFileMeta(bytes);
    if (meta.sopClassUid !== UID.MediaStorageDirectoryStorage) {
      throw new ImportRefusal('DICOMDIR', 'the file is no DICOMDIR');
    }
    const records = getItems(
      decodeDataSet(bytes.subarray(meta.dataSetOffset), meta.transferSyntaxUid),
      DIRECTORY_RECORD_SEQUENCE,
    );
    const ids = records.map((record) => getString(record, REFERENCED_FILE_ID, '') ?? '').filter((id) => id !== '');
    return ids.flatMap((id) => pathOf(id) ?? []);
  } catch (error) {
    if (error instanceof ImportRefusal) throw error;
    throw new ImportRefusal('DICOMDIR', 'the DICOMDIR cannot be read', {}, error);
  }
}

/** PS3.10 8.2: components of capital letters, digits and underscore; anything that could lead elsewhere is left out. */
function pathOf(fileId: string): string | undefined {
  const components = fileId.split('\\').map((component) => component.trim());
  return components.every((component) => /^[\w.-]{1,64}$/.test(component) && !/^\.+$/.test(component))
    ? join(...components)
    : undefined;
}
