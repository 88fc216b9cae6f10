import type { IndexService } from '../index/index-service.ts';
import type { EgressLevels } from '../observability/egress-metrics.ts';

/** The queue for one scrape of `/metrics`. */
export async function readEgressLevels(index: Pick<IndexService, 'read'>, now: number): Promise<EgressLevels> {
  const [jobs, unseen, oldest, failures, loads, breakers] = await Promise.all([
    index.read('queueDepths'),
    index.read('queueUnseen'),
    index.read('queueOldest'),
    index.read('queueFailures'),
    index.read('queueLoad', now, now),
    index.read('queueBreakers'),
  ]);
  return {
    jobs,
    unseen,
    oldest: oldest.map(({ destination, createdAt }) => ({ destination, seconds: (now - createdAt) / 1000 })),
    overdue: loads.map(({ destination, overdue }) => ({ destination, jobs: overdue })),
    failures,
    breakers: [...breakers].map(([destination, { state }]) => ({ destination, state })),
  };
}
