import type { PatientIdentity } from '../../dicom/patient-identity.ts';
import type { EgressInstanceState } from '../../index/egress/egress-types.ts';
import type { JobState } from '../../index/egress/job-state-table.ts';

/** One version of a study's way to one archive. */
export interface CustodyJob {
  readonly job: number;
  readonly destination: string;
  readonly version: number;
  readonly state: JobState;
  readonly controller: string;
  readonly callingAet: string;
}

export interface CustodyMove {
  readonly job: number;
  /** ISO 8601, UTC; so are all times. */
  readonly at: string;
  readonly from: JobState;
  readonly to: JobState;
  readonly actor: string;
  readonly code: string;
  readonly reason: string;
}

/** What became of one instance on one of these ways. */
export interface CustodyForward {
  readonly job: number;
  readonly state: EgressInstanceState;
  readonly sends: number;
  readonly sentAt: string | null;
  /** Of the last C-STORE-RSP, as `0000`. */
  readonly status: string | null;
  readonly errorComment: string;
  /** Transaction UID of the request whose report committed it, or did not. */
  readonly transactionUid: string | null;
  readonly failureReason: string | null;
  readonly isRejectionNote: boolean;
  /** Whom it told of on its way; null: as it was received. */
  readonly sentAs: PatientIdentity | null;
}

/** A rejection note that named an instance. */
export interface CustodyRejection {
  readonly noteUid: string;
  /** Title (PS3.16 CID 7011). */
  readonly code: string;
  readonly at: string;
  /** When it came again after its retention had expired. */
  readonly revertedAt: string | null;
}

/** One instance from its receipt on. */
export interface CustodyInstance {
  readonly sopInstanceUid: string;
  readonly seriesInstanceUid: string;
  readonly sopClassUid: string;
  readonly transferSyntaxUid: string;
  readonly sha256: string;
  readonly size: number;
  readonly receivedFrom: string;
  /** When it was acknowledged: file, directory and index row were on the disk before. */
  readonly durableAt: string;
  readonly forwards: readonly CustodyForward[];
  readonly rejections: readonly CustodyRejection[];
}

export interface CustodyCommitment {
  readonly job: number;
  readonly transactionUid: string;
  readonly state: string;
  readonly requestedAt: string;
  readonly instances: number;
  readonly answeredAt: string | null;
  /** same or new association */
  readonly answeredOn: string;
  readonly eventType: number | null;
  readonly transferSyntax: string;
  /** Bytes of the N-EVENT-REPORT's data set. */
  readonly report: Buffer | null;
}

export interface CustodyManifest {
  readonly job: number;
  readonly sopInstanceUid: string;
  readonly seriesInstanceUid: string;
  readonly deliveredAt: string | null;
  readonly status: string | null;
  readonly transactionUid: string;
  /** A DICOM file (PS3.10). */
  readonly file: Buffer;
}

/** The whole custody of a study. */
export interface Custody {
  readonly studyInstanceUid: string;
  readonly accessionNumber: string;
  readonly jobs: readonly CustodyJob[];
  readonly moves: readonly CustodyMove[];
  readonly instances: readonly CustodyInstance[];
  readonly commitments: readonly CustodyCommitment[];
  readonly manifests: readonly CustodyManifest[];
}
