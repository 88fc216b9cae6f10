import type { QueueJob } from '../../index/egress/egress-types.ts';
import type { BreakerLevel } from '../../index/egress/forecast-reads.ts';

/**
 * Takes one job as far as it goes now, moving it itself: QUEUED over SENDING and SENT to COMMIT_PENDING, SENT to COMMIT_PENDING, a
 * COMMIT_PENDING whose answer is overdue on or back, COMMITTED over MANIFEST_SENT to ARCHIVED. Failures are moves too (RETRY_WAIT, HELD,
 * FAILED); a rejection is a bug or a move that somebody else made first.
 */
export interface JobRunner {
  /** When `signal` fires the job is left where a next run can take it up: SENDING goes back to QUEUED. */
  run(job: QueueJob, signal: AbortSignal): Promise<void>;
}

/** Says what may begin: by the schedule of a destination, and by how it fares. */
export interface DestinationGate {
  mayBegin(job: QueueJob): boolean;
  /** Calling AE titles that the destination does not take at present: of their jobs, however many, none hides another. */
  refusedTitles(destination: string): readonly string[];
  report(destination: string): BreakerLevel;
  /** The next probe of a destination in trouble is due. */
  probeNow(destination: string): void;
}

/** Takes the commitment reports that have come in since the last time, and moves their jobs. */
export interface ReportDesk {
  take(): Promise<void>;
}
