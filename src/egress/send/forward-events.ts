import type { QueueJob } from '../../index/egress/egress-types.ts';
import type { PeerTrouble } from './peer-trouble.ts';
import type { StatusVerdict } from './status-verdict.ts';

/** Port: what happens on the way to an archive, for log and metrics. Must not throw; no patient data. */
export interface ForwardEvents {
  /** The archive answered a C-STORE. */
  answered(job: QueueJob, verdict: StatusVerdict, bytes: number): void;
  /** All objects of a job have been taken. */
  sent(job: QueueJob, facts: { readonly objects: number; readonly warnings: number }): void;
  /** An association was lost or could not be had. */
  trouble(job: QueueJob, trouble: PeerTrouble): void;
  /** The job waits and will go on by itself, or has become a dead letter. */
  waits(job: QueueJob): void;
  /** Somebody has to do something. */
  held(job: QueueJob): void;
  archived(job: QueueJob): void;
  /** A storage commitment report was taken. */
  report(facts: {
    readonly transactionUid: string;
    readonly archiveAET: string;
    readonly outcome: string;
    readonly committed: number;
    readonly failed: number;
  }): void;
}
