import { KuvaError } from '../../core/errors.ts';
import { UID } from '../../dicom/uids.ts';
import type { Association } from '../../dimse/association.ts';
import { STATUS, statusName, statusText } from '../../dimse/status-table.ts';
import type { CommitmentTask } from '../../index/index-types.ts';
import type { PeerConnector, RemoteAeRegister } from '../peer-connector.ts';
import type { CommitmentOutcome } from './commitment-outcome.ts';
import { encodeCommitmentReport, eventTypeOf } from './commitment-report.ts';

export interface CommitmentDeliveryDeps {
  readonly register: RemoteAeRegister;
  readonly connect: PeerConnector;
}

/** The requester answered the report with a failure, or took no context for it. */
class ReportRefusedError extends KuvaError {
  override readonly name = 'ReportRefusedError';
}

const TRANSFER_SYNTAXES = [UID.ExplicitVRLittleEndian, UID.ImplicitVRLittleEndian];

/**
 * Delivers a report (PS3.4 J.3.3): on the request's association while it lives, else on a new one to where the requester
 * is registered, on which we are the SCP although we ask for it (PS3.4 J.3.3.1.1, role selection). Resolves when the
 * requester has answered with success.
 */
export async function deliverReport(
  task: CommitmentTask,
  outcome: CommitmentOutcome,
  assoc: Association | undefined,
  deps: CommitmentDeliveryDeps,
  signal: AbortSignal,
): Promise<void> {
  if (assoc?.isOpen === true && (await deliveredOnRequest(assoc, task, outcome))) return;
  await deliverOnNew(task, outcome, deps, signal);
}

/** Many requesters release as soon as their request is answered: losing that race is no failure. */
async function deliveredOnRequest(
  assoc: Association,
  task: CommitmentTask,
  outcome: CommitmentOutcome,
): Promise<boolean> {
  try {
    await report(assoc, task, outcome);
    return true;
  } catch {
    return false;
  }
}

async function deliverOnNew(
  task: CommitmentTask,
  outcome: CommitmentOutcome,
  deps: CommitmentDeliveryDeps,
  signal: AbortSignal,
): Promise<void> {
  const remote = await deps.register.aeByTitle(task.callingAET);
  if (remote === undefined) {
    throw new ReportRefusedError(
      'REQUESTER_UNKNOWN',
      `${task.callingAET} is not registered: kuva ae add ${task.callingAET} tells where its report goes`,
    );
  }
  const contexts = [
    {
      abstractSyntax: UID.StorageCommitmentPushModel,
      transferSyntaxes: TRANSFER_SYNTAXES,
      roles: { scu: false, scp: true },
    },
  ];
  const assoc = await deps.connect(remote, { callingAET: task.calledAET, contexts }, signal);
  // A requester that takes its time must not hold up the node's stop; the task stays on disk.
  const stop = (): void => assoc.abort('the node stops');
  signal.addEventListener('abort', stop, { once: true });
  try {
    await report(assoc, task, outcome);
  } catch (error) {
    assoc.abort('storage commitment report failed');
    throw error;
  } finally {
    signal.removeEventListener('abort', stop);
  }
  // The report is delivered whatever becomes of the release.
  await assoc.release().catch(() => undefined);
}

async function report(assoc: Association, task: CommitmentTask, outcome: CommitmentOutcome): Promise<void> {
  const pc = [...assoc.contexts.values()].find((context) => context.abstractSyntax === UID.StorageCommitmentPushModel);
  if (pc === undefined) throw new ReportRefusedError('NO_CONTEXT', 'requester accepts no storage commitment context');
  const response = await assoc.nEventReport({
    pc,
    affectedSOPInstanceUID: UID.StorageCommitmentPushModelInstance,
    eventTypeID: eventTypeOf(outcome),
    dataSet: encodeCommitmentReport(task.transactionUid, task.calledAET, outcome, pc.transferSyntax),
  });
  const { code } = response.status;
  if (code !== STATUS.Success) {
    throw new ReportRefusedError(
      'REPORT_REFUSED',
      `requester answered the report ${statusText(code)}: ${statusName(code)}`,
      { status: code },
    );
  }
}
