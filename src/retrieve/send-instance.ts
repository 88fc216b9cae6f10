import { errorCode } from '../core/errors.ts';
import { recode } from '../dicom/recode.ts';
import { transferSyntax } from '../dicom/transfer-syntaxes.ts';
import type { Priority } from '../dimse/command-types.ts';
import type { FileRange } from '../dimse/file-range.ts';
import { statusCategory, statusName } from '../dimse/status-table.ts';
import type { InstanceRef } from '../index/index-types.ts';
import type { ObjectSource } from './object-source.ts';
import { chooseContext } from './presentation-contexts.ts';
import { openDataSet, readRange } from './stored-data-set.ts';
import type { StoredDataSet } from './stored-data-set.ts';
import type { StoreAssociation } from './sub-association.ts';
import type { SubOperationResult } from './sub-operation-tally.ts';

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
export async function sendInstance(
  assoc: StoreAssociation,
  instance: InstanceRef,
  options: SendOptions,
): Promise<SubOperationResult> {
  const choice = chooseContext(assoc.contexts.values(), instance, options.recode);
  if (choice === undefined) return failed(`peer accepts no context: ${syntaxName(instance.transferSyntaxUid)}`);
  let stored: StoredDataSet;
  try {
    stored = await openDataSet(options.objects, instance);
  } catch (error) {
    return failed(`kept file cannot be read: ${errorCode(error)}`);
  }
  try {
    const { pc } = choice;
    const { originator } = options;
    const status = await assoc.store({
      pc,
      affectedSOPClassUID: instance.sopClassUid,
      affectedSOPInstanceUID: instance.sopInstanceUid,
      priority: options.priority,
      ...(originator === undefined
        ? {}
        : { moveOriginatorAET: originator.aet, moveOriginatorMessageID: originator.messageID }),
      dataSet: choice.recode
        ? recode(readRange(stored.range), instance.transferSyntaxUid, pc.transferSyntax)
        : asStored(stored.range),
    });
    return resultOf(status.code);
  } finally {
    await stored.close();
  }
}

/**
 * Stored bytes go out as they are. A sender may have left out the NUL that makes a deflated data set even (PS3.5 A.5); fragments
 * are even (PS3.8 annex E), and peers abort the association at one that is not.
 */
function asStored(range: FileRange): FileRange | AsyncIterable<Buffer> {
  return range.length % 2 === 0 ? range : evenly(range);
}

async function* evenly(range: FileRange): AsyncGenerator<Buffer> {
  yield* readRange(range);
  yield Buffer.alloc(1);
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
