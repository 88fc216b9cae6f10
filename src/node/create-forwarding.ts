import type { DestinationGate, JobRunner, ReportDesk } from '../egress/queue/job-runner.ts';

/** What the engine needs to have jobs carried out. */
export interface Forwarding {
  readonly runner: JobRunner;
  readonly gate: DestinationGate;
  readonly reports: ReportDesk;
}

/** Without a forwarder every destination is closed, and says so. */
export function createForwarding(): Forwarding {
  return {
    runner: { run: () => Promise.reject(new TypeError('no forwarder')) },
    gate: {
      mayBegin: () => false,
      report: () => ({ state: 'open', failures: 0, probeAt: null, cause: 'this version has no forwarder' }),
    },
    reports: { take: () => Promise.resolve() },
  };
}
