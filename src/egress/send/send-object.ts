import { errorCode } from '../../core/errors.ts';
import { AssociationError } from '../../dimse/association-errors.ts';
import type { Association } from '../../dimse/association.ts';
import type { DimseStatus, Priority } from '../../dimse/command-types.ts';
import { RecodeError } from '../../dicom/element-transcoder.ts';
import { transferSyntax } from '../../dicom/transfer-syntaxes.ts';
import { sopClassName } from '../../dicom/sop-class-table.ts';
import type { KeptInstance } from '../../retrieve/digest-check.ts';
import { chooseContext } from '../../retrieve/presentation-contexts.ts';
import type { Ahead } from '../../retrieve/read-ahead.ts';
import { outgoingDataSet } from '../../retrieve/told-data-set.ts';
import type { DestinationLink } from './destination-link.ts';

/** The archive's answer, or why nothing was sent that could be answered. */
export type SendAnswer =
  | { readonly kind: 'answered'; readonly status: DimseStatus }
  /** the fault is on this side: the object cannot be sent as it is */
  | { readonly kind: 'unsendable'; readonly code: string; readonly cause: string; readonly remedy: string };

/** DICOM's own priority (PS3.7 9.1.1.1): ours goes along, though hardly an archive looks at it. */
const PRIORITIES: readonly Priority[] = [1, 0, 2];

/**
 * One C-STORE, the bytes as they were received, but for the patient where somebody has corrected that, and in the transfer syntax in which
 * they were received. Rejects when the association is lost; everything else is an answer.
 */
export async function sendObject(
  assoc: Association,
  { item: instance, opened }: Ahead<KeptInstance>,
  link: Pick<DestinationLink, 'paced'>,
  priority: 0 | 1 | 2,
  signal: AbortSignal,
): Promise<SendAnswer> {
  const stored = await opened;
  if ('error' in stored) return unreadable(stored.error);
  try {
    const choice = chooseContext(assoc.contexts.values(), instance, false);
    if (choice === undefined) return contextRefused(instance);
    const status = await assoc.store({
      pc: choice.pc,
      affectedSOPClassUID: instance.sopClassUid,
      affectedSOPInstanceUID: instance.sopInstanceUid,
      priority: PRIORITIES[priority]!,
      dataSet: link.paced(outgoingDataSet(stored.content, instance), priority === 0, signal),
    });
    if (assoc.allSent) stored.used();
    return { kind: 'answered', status };
  } catch (error) {
    if (error instanceof AssociationError || signal.aborted) throw error;
    return unreadable(error);
  } finally {
    stored.close();
  }
}

function unreadable(error: unknown): SendAnswer {
  if (error instanceof RecodeError)
    return {
      kind: 'unsendable',
      code: 'IDENTITY_NOT_WRITTEN',
      cause: `the patient that the study was given cannot be written into the object: ${error.message}`,
      remedy:
        'see kuva identity list; undo that change and give a name that the object can say, or have its source send it again with new UIDs',
    };
  const code = errorCode(error);
  const damaged = code === 'OBJECT_CORRUPT' || code === 'OBJECT_TRUNCATED';
  if (!damaged && code !== 'OBJECT_MISSING') throw error;
  return {
    kind: 'unsendable',
    code: damaged ? 'OBJECT_CORRUPT' : code,
    cause: damaged ? 'the kept file is no longer what was received' : 'the kept file is not there',
    remedy:
      'see kuva verify; restore the file from the backup or have its source send the object again, then: kuva queue release',
  };
}

function contextRefused({ sopClassUid, transferSyntaxUid }: KeptInstance): SendAnswer {
  const syntax = transferSyntax(transferSyntaxUid)?.name ?? transferSyntaxUid;
  return {
    kind: 'unsendable',
    code: 'CONTEXT_REFUSED',
    cause: `the archive takes no ${sopClassName(sopClassUid)} in ${syntax}`,
    remedy:
      'ask the archive what it takes; objects are never re-encoded on their way, so have the source send it in another transfer syntax',
  };
}
