import type { NewAuditMessage } from '../audit/audit-types.ts';
import type { JobState } from '../egress/job-state-table.ts';

/** What decides whether the files of a study may go. */
export interface EvictionFacts {
  /** Row of the study, to go on after. */
  readonly row: number;
  readonly studyInstanceUid: string;
  readonly accessionNumber: string;
  readonly studyDate: string;
  readonly instances: number;
  readonly bytes: number;
  readonly lastReceivedAt: number;
  /** Instances whose file is gone already. */
  readonly evicted: number;
  /** Something new came that the queue has not looked at. */
  readonly changed: boolean;
  /** Other bytes under its SOP Instance UIDs, which no archive has. */
  readonly conflicts: number;
  /** Hidden by rejection notes: the archive does not serve them either. */
  readonly rejected: number;
  /** Not known to be on the disk yet. */
  readonly undurable: number;
  /** It was given another patient than its objects name. */
  readonly corrected: boolean;
  /** By destination: how far each version is, and how many of the instances that are here the archive has committed to. */
  readonly destinations: readonly {
    readonly destination: string;
    readonly callingAet: string;
    readonly states: readonly JobState[];
    readonly archivedAt: number | null;
    readonly committed: number;
  }[];
}

/** One instance of a study whose file is here. */
export interface EvictableInstance {
  readonly sopInstanceUid: string;
  readonly seriesInstanceUid: string;
  readonly sopClassUid: string;
  readonly transferSyntaxUid: string;
  readonly sha256: string;
  readonly size: number;
  readonly receivedAt: number;
  readonly callingAET: string;
  readonly organisation: string | null;
}

export interface Eviction {
  readonly studyInstanceUid: string;
  /** All that are configured: none of them may be yet to get the study from here. */
  readonly archives: readonly string[];
  readonly destination: string;
  readonly callingAet: string;
  readonly evictedAt: number;
  /** All whose file is here. `described`: see the table. */
  readonly instances: readonly {
    readonly sopInstanceUid: string;
    readonly sha256: string;
    readonly described: Uint8Array;
  }[];
  /** For the audit trail, in the same transaction. */
  readonly audited: readonly NewAuditMessage[];
}

export interface EvictedInstance {
  readonly sopInstanceUid: string;
  readonly sha256: string;
  readonly destination: string;
  readonly callingAet: string;
  readonly described: Uint8Array;
}
