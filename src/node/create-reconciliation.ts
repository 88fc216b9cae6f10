import type { Archives } from '../egress/archive/archives.ts';
import { DailyReconciliation } from '../egress/reconcile/daily-reconciliation.ts';
import { Reconciler } from '../egress/reconcile/reconciler.ts';
import type { IndexService } from '../index/index-service.ts';
import type { Logger } from '../observability/loggers.ts';

interface ReconciliationParts {
  readonly index: IndexService;
  readonly archives: Archives;
  readonly every: number;
  readonly log: Logger;
  readonly wake: () => void;
}

/** Asks the archives about every study in its turn; runs from now on until it is disposed. */
export function createReconciliation({ index, archives, every, log, wake }: ReconciliationParts): DailyReconciliation {
  const reconciler = new Reconciler({
    index,
    archives,
    now: Date.now,
    tell: ({ studyInstanceUid, destination, missing, lost, problem }, again) => {
      if (lost > 0)
        log.error('objects are lost: the archive does not show them, and their files were given up here', {
          studyInstanceUid,
          destination,
          lost,
        });
      else if (missing > 0)
        log.warn('the archive does not show what it had committed to', {
          studyInstanceUid,
          destination,
          missing,
          again,
        });
      else if (problem !== '') log.warn('the archive could not be asked what it has', { destination, problem });
    },
  });
  const daily = new DailyReconciliation({ reconciler, every, toppedUp: wake, log, now: Date.now });
  daily.start();
  return daily;
}
