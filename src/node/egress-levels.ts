import type { IndexService } from '../index/index-service.ts';
import type { EgressLevels } from '../observability/egress-metrics.ts';

/** The queue for one scrape of `/metrics`. */
export async function readEgressLevels(index: Pick<IndexService, 'read'>, now: number): Promise<EgressLevels> {
  const [jobs, unseen, oldest, failures, overdue, breakers] = await Promise.all([
    index.read('queueDepths'),
    index.read('queueUnseen'),
    index.read('queueOldest'),
    index.read('queueFailures'),
    index.read('queueOverdue', now),
    index.read('queueBreakers'),
  ]);
  return {
    jobs,
    unseen,
    oldest: oldest.map(({ destination, createdAt }) => ({ destination, seconds: (now - createdAt) / 1000 })),
    overdue,
    failures,
    breakers: [...breakers].map(([destination, { state }]) => ({ destination, state })),
  };
}
