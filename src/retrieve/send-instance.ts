import { errorCode } from '../core/errors.ts';
import { RecodeError } from '../dicom/element-transcoder.ts';
import { recode } from '../dicom/recode.ts';
import { transferSyntax } from '../dicom/transfer-syntaxes.ts';
import type { Priority } from '../dimse/command-types.ts';
import { AssociationError } from '../dimse/association-errors.ts';
import { statusCategory, statusName, statusText } from '../dimse/status-table.ts';
import type { InstanceRef } from '../index/index-types.ts';
import { ObjectDamagedError } from './digest-check.ts';
import type { ObjectReading } from './opened-object.ts';
import { chooseContext } from './presentation-contexts.ts';
import type { Ahead } from './read-ahead.ts';
import { outgoingDataSet, toldDataSet } from './told-data-set.ts';
import type { StoreAssociation } from './sub-association.ts';
import type { SubOperationResult } from './sub-operation-tally.ts';

export interface SendOptions extends ObjectReading {
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
  { item: instance, opened }: Ahead<InstanceRef>,
  options: SendOptions,
): Promise<SubOperationResult> {
  const stored = await opened;
  if ('error' in stored) return unreadable(stored.error, instance, options);
  const choice = chooseContext(assoc.contexts.values(), instance, options.recode);
  try {
    if (choice === undefined) return failed(`peer accepts no context: ${syntaxName(instance.transferSyntaxUid)}`);
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
        ? recode(toldDataSet(stored.content, instance), instance.transferSyntaxUid, pc.transferSyntax)
        : outgoingDataSet(stored.content, instance),
    });
    // A peer may answer before it has read everything.
    if (assoc.allSent) stored.used();
    return resultOf(status.code);
  } catch (error) {
    // Whatever else fails is our own file or its re-encoding: the next one may do.
    if (error instanceof AssociationError) throw error;
    return unreadable(error, instance, options);
  } finally {
    stored.close();
  }
}

function resultOf(code: number): SubOperationResult {
  const category = statusCategory(code);
  if (category === 'success') return { kind: 'completed' };
  if (category === 'warning') return { kind: 'warning', status: code };
  return failed(`peer answered ${statusText(code)}: ${statusName(code)}`);
}

function unreadable(error: unknown, instance: InstanceRef, { digests }: SendOptions): SubOperationResult {
  if (error instanceof ObjectDamagedError) {
    digests.damaged(instance, error);
    return failed(error.message);
  }
  if (error instanceof RecodeError) return failed(error.message);
  return failed(`kept file cannot be read: ${errorCode(error)}`);
}

function failed(reason: string): SubOperationResult {
  return { kind: 'failed', reason };
}

function syntaxName(uid: string): string {
  return transferSyntax(uid)?.name ?? uid;
}
