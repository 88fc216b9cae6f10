import { Counter, Gauge } from 'prom-client';
import type { Registry } from 'prom-client';

/** The queue for the archive at one scrape; labels take few values: destinations, states, codes. */
export interface EgressLevels {
  readonly jobs: readonly { readonly destination: string; readonly state: string; readonly jobs: number }[];
  /** Studies that were added to and that no engine has seen yet. */
  readonly unseen: number;
  readonly oldest: readonly { readonly destination: string; readonly seconds: number }[];
  readonly overdue: readonly { readonly destination: string; readonly jobs: number }[];
  readonly failures: readonly {
    readonly destination: string;
    readonly toState: string;
    readonly code: string;
    readonly times: number;
  }[];
  readonly breakers: readonly { readonly destination: string; readonly state: 'closed' | 'open' | 'half-open' }[];
}

const BREAKER_LEVEL = { closed: 0, 'half-open': 1, open: 2 } as const;

/** Metrics of the queue. All are read from the database, so that they are right whatever process forwards, and across restarts. */
export function createEgressMetrics(registry: Registry): (levels: EgressLevels) => void {
  const registers = [registry];
  const gauge = (name: string, help: string, labelNames: string[] = []) =>
    new Gauge({ name, help, labelNames, registers });
  const jobs = gauge('kuva_egress_jobs', 'Studies on their way to an archive, and those that have ended, by state', [
    'destination',
    'state',
  ]);
  const unseen = gauge('kuva_egress_unseen_studies', 'Studies that were added to and not yet looked at by kuva egress');
  const oldest = gauge('kuva_egress_oldest_seconds', 'Age of the oldest study that has not ended', ['destination']);
  const overdue = gauge('kuva_egress_overdue', 'Studies on their way whose deadline has passed', ['destination']);
  const breaker = gauge('kuva_egress_breaker', 'Circuit breaker: 0 closed, 1 half open, 2 open', ['destination']);
  const failures = new Counter({
    name: 'kuva_egress_failures_total',
    help: 'Moves to RETRY_WAIT, HELD and FAILED, by code',
    labelNames: ['destination', 'state', 'code'],
    registers,
  });
  return (levels) => {
    for (const metric of [jobs, oldest, overdue, breaker, failures]) metric.reset();
    for (const { destination, state, jobs: count } of levels.jobs) jobs.set({ destination, state }, count);
    unseen.set(levels.unseen);
    for (const { destination, seconds } of levels.oldest) oldest.set({ destination }, seconds);
    for (const { destination, jobs: count } of levels.overdue) overdue.set({ destination }, count);
    for (const { destination, state } of levels.breakers) breaker.set({ destination }, BREAKER_LEVEL[state]);
    for (const { destination, toState: state, code, times } of levels.failures)
      failures.inc({ destination, state, code }, times);
  };
}
