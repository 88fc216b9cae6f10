import { read as readFd } from 'node:fs';
import { promisify } from 'node:util';
import { errorCode } from '../core/errors.ts';
import { readFileMeta } from '../dicom/file-meta.ts';
import { recode } from '../dicom/recode.ts';
import { transferSyntax } from '../dicom/transfer-syntaxes.ts';
import type { Priority } from '../dimse/command-types.ts';
import { statusCategory, statusName } from '../dimse/status-table.ts';
import { chooseContext } from './presentation-contexts.ts';
import { RangeReader } from './range-reader.ts';
import type { InstanceRef } from '../index/index-types.ts';
import type { ObjectSource, ReadableObject } from './object-source.ts';
import type { FileRange, StoreAssociation, StoreContext } from './sub-association.ts';
import type { SubOperationResult } from './sub-operation-tally.ts';

const read = promisify(readFd);

/** Enough for the preamble and every file meta that we write or import. */
const META_PREFIX = 1024;

export interface SendOptions {
  readonly objects: ObjectSource;
  /** re-encode between the uncompressed syntaxes when the peer refused the stored one */
  readonly recode: boolean;
  readonly priority: Priority;
  /** C-MOVE only (PS3.7 9.1.1.1.5): who asked, and with which message */
  readonly originator?: { readonly aet: string; readonly messageID: number };
}

/**
 * One C-STORE sub-operation. A kept file that cannot be read, or no context that fits, fails it with a reason;
 * rejects only when the association is lost.
 */
export async function sendInstance<PC extends StoreContext>(
  assoc: StoreAssociation<PC>,
  instance: InstanceRef,
  options: SendOptions,
): Promise<SubOperationResult> {
  const choice = chooseContext(assoc.contexts.values(), instance, options.recode);
  if (choice === undefined) return failed(`peer accepts no context: ${syntaxName(instance.transferSyntaxUid)}`);

  let object: ReadableObject;
  let range: FileRange;
  let reader: RangeReader | undefined;
  try {
    object = await options.objects.open(instance.sha256);
  } catch (error) {
    return failed(`kept file cannot be opened: ${errorCode(error)}`);
  }
  try {
    try {
      range = await dataSetRange(object, instance);
    } catch (error) {
      return failed(`kept file is damaged: ${errorCode(error)}`);
    }
    const { pc } = choice;
    reader = new RangeReader(range);
    const status = await assoc.store({
      pc,
      affectedSOPClassUID: instance.sopClassUid,
      affectedSOPInstanceUID: instance.sopInstanceUid,
      priority: options.priority,
      ...(options.originator === undefined
        ? {}
        : { moveOriginatorAET: options.originator.aet, moveOriginatorMessageID: options.originator.messageID }),
      // Stored bytes go out as they are wherever the peer takes them.
      dataSet: choice.recode ? recode(reader.blocks(), instance.transferSyntaxUid, pc.transferSyntax) : range,
    });
    return resultOf(status.code);
  } finally {
    await reader?.settled();
    await object.close();
  }
}

/** Where the sender's bytes begin in the kept file. Throws when the file is not the one that was indexed. */
async function dataSetRange(object: ReadableObject, instance: InstanceRef): Promise<FileRange> {
  if (object.size !== instance.size) throw Object.assign(new Error('size differs'), { code: 'SIZE_DIFFERS' });
  const prefix = Buffer.allocUnsafe(Math.min(META_PREFIX, object.size));
  const { bytesRead } = await read(object.fd, prefix, 0, prefix.length, 0);
  const { dataSetOffset } = readFileMeta(prefix.subarray(0, bytesRead));
  return { fd: object.fd, offset: dataSetOffset, length: object.size - dataSetOffset };
}

function resultOf(code: number): SubOperationResult {
  const category = statusCategory(code);
  if (category === 'success') return { kind: 'completed' };
  if (category === 'warning') return { kind: 'warning', status: code };
  return failed(`peer answered ${code.toString(16).toUpperCase().padStart(4, '0')}: ${statusName(code)}`);
}

function failed(reason: string): SubOperationResult {
  return { kind: 'failed', reason };
}

function syntaxName(uid: string): string {
  return transferSyntax(uid)?.name ?? uid;
}
