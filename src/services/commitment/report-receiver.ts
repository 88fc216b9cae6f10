import { toError } from '../../core/errors.ts';
import { UID } from '../../dicom/uids.ts';
import { STATUS } from '../../dimse/status-table.ts';
import type { NEventReportRequest, NResponse } from '../../dimse/command-types.ts';
import type { ServiceHandlers } from '../../dimse/service-handlers.ts';
import { parseCommitmentReport } from './parse-report.ts';

/** A storage commitment report as it arrived, of a request that we made. */
export interface ReceivedReport {
  readonly transactionUid: string;
  /** AE title of the archive, whichever side requested the association. */
  readonly archiveAET: string;
  /** 1: all committed, 2: failures exist (PS3.4 J.3.3). */
  readonly eventType: number;
  /** The data set, byte for byte. */
  readonly report: Buffer;
  readonly transferSyntax: string;
  readonly receivedAt: number;
  /** The association of the request, or one that the archive opened. */
  readonly association: 'same' | 'new';
}

/** Port: keeps a report. Resolves when it is on the disk: only then is the archive told that it may forget it. */
export interface ReportInbox {
  reportReceived(report: ReceivedReport): Promise<void>;
}

/** N-EVENT-REPORT of the Storage Commitment Push Model (PS3.4 J.3.3), for us as its SCU. Whose report it is, is found out later. */
export function createReportReceiver(
  inbox: ReportInbox,
  association: ReceivedReport['association'],
  now: () => number,
): NonNullable<ServiceHandlers['eventReport']> {
  return async (assoc, pc, command, dataSet): Promise<NResponse> => {
    const wrong = refusalOf(command);
    if (wrong !== undefined) return { status: { code: wrong } };
    if (dataSet === undefined) return refused('no event information');
    let transactionUid: string;
    try {
      ({ transactionUid } = parseCommitmentReport(dataSet, pc.transferSyntax));
    } catch (error) {
      return refused(`event information is not readable: ${toError(error).message}`);
    }
    await inbox.reportReceived({
      transactionUid,
      archiveAET: association === 'same' ? assoc.calledAET : assoc.callingAET,
      eventType: command.EventTypeID,
      report: dataSet,
      transferSyntax: pc.transferSyntax,
      receivedAt: now(),
      association,
    });
    return { status: { code: STATUS.Success } };
  };
}

function refusalOf(command: NEventReportRequest): number | undefined {
  if (command.AffectedSOPClassUID !== UID.StorageCommitmentPushModel) return STATUS.NoSuchSOPClass;
  if (command.AffectedSOPInstanceUID !== UID.StorageCommitmentPushModelInstance) return STATUS.NoSuchObjectInstance;
  return command.EventTypeID === 1 || command.EventTypeID === 2 ? undefined : STATUS.NoSuchEventType;
}

function refused(errorComment: string): NResponse {
  return { status: { code: STATUS.InvalidArgumentValue, errorComment } };
}
