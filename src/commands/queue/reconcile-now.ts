import type { Config } from '../../config/schema.ts';
import { Archives } from '../../egress/archive/archives.ts';
import { Reconciler } from '../../egress/reconcile/reconciler.ts';
import type { IndexService } from '../../index/index-service.ts';
import type { ReconcileResult } from '../../index/reconcile/reconcile-types.ts';
import { archiveConnector } from '../evict.ts';

/** Asks the archives about all archived studies, or about one; what they miss goes again. `rows`: what there is to tell. */
export async function reconcileNow(
  config: Config,
  index: IndexService,
  study: string | undefined,
  signal: AbortSignal,
): Promise<{ readonly rows: readonly ReconcileResult[]; readonly counts: Awaited<ReturnType<Reconciler['run']>> }> {
  const rows: ReconcileResult[] = [];
  const reconciler = new Reconciler({
    index,
    archives: new Archives(config, archiveConnector(config)),
    now: Date.now,
    tell: (result) => {
      if (result.missing > 0 || result.problem !== '' || study !== undefined) rows.push(result);
    },
  });
  const run = { before: Number.MAX_SAFE_INTEGER, studyUid: study ?? null, limit: Number.POSITIVE_INFINITY };
  return { rows, counts: await reconciler.run(run, signal) };
}
