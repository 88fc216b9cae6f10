import type { IndexService } from '../../index/index-service.ts';
import type { ReportInbox } from '../../services/commitment/report-receiver.ts';

/** Keeps reports in the queue's database, where the process that forwards takes them; `kept` is called when one is on the disk. */
export function reportInbox(index: Pick<IndexService, 'write'>, kept: () => void): ReportInbox {
  return {
    async reportReceived({ archiveAET: callingAet, ...report }) {
      await index.write('egressReportAdd', { ...report, callingAet });
      kept();
    },
  };
}
