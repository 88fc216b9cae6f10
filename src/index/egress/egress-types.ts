import type { PatientIdentity } from '../../dicom/patient-identity.ts';
import type { JobState } from './job-state-table.ts';

/** 0 emergency, 1 routine, 2 migration: what was received before there was a destination. */
export type JobPriority = 0 | 1 | 2;

/** One version of one study's way to one destination; times are ms since 1970 UTC. */
export interface QueueJob {
  readonly id: number;
  readonly studyInstanceUid: string;
  readonly version: number;
  readonly destination: string;
  readonly state: JobState;
  /** Where a job in RETRY_WAIT goes on. */
  readonly resumeState: JobState | null;
  readonly priority: JobPriority;
  /** The organisation that it came from; '' for none. */
  readonly source: string;
  readonly controller: string;
  readonly contentType: string;
  readonly callingAet: string;
  /** What it carries; 0 before READY. */
  readonly instances: number;
  readonly bytes: number;
  /** Since the last progress. */
  readonly attempts: number;
  readonly nextAttemptAt: number;
  readonly deadlineAt: number | null;
  readonly lastCode: string;
  readonly lastReason: string;
  readonly createdAt: number;
  readonly updatedAt: number;
}

/** One move of one job, with who makes it and why. `actor`: egress, node, cli:USER. `code` is a machine word of few values. */
export interface JobMove {
  readonly jobId: number;
  /** The state that the caller takes the job to be in: any other refuses the move. */
  readonly from: JobState;
  readonly to: JobState;
  readonly at: number;
  readonly actor: string;
  readonly code: string;
  readonly reason: string;
  /** When to look again; by default at once. */
  readonly nextAttemptAt?: number;
  /** For RETRY_WAIT: where it goes on. */
  readonly resumeState?: JobState;
}

export type EgressInstanceState = 'PENDING' | 'SENT' | 'COMMITTED' | 'FAILED' | 'WITHDRAWN';

/** The custody of one instance on its way out. */
export interface EgressInstance {
  readonly jobId: number;
  readonly sopInstanceUid: string;
  readonly seriesInstanceUid: string;
  readonly sopClassUid: string;
  readonly transferSyntaxUid: string;
  /** Hex. */
  readonly sha256: string;
  readonly size: number;
  readonly receivedAt: number;
  readonly receivedFrom: string;
  readonly isRejectionNote: boolean;
  readonly state: EgressInstanceState;
  readonly sends: number;
  readonly sentAt: number | null;
  /** Of the last C-STORE-RSP; null before, and when there was none. */
  readonly status: number | null;
  readonly errorComment: string;
  readonly commitmentId: number | null;
  readonly failureReason: number | null;
  /** Whose it is told to be on its way; left out: as it says itself. */
  readonly corrected?: PatientIdentity;
}

/** A kind of objects that wait to be sent. */
export type UnsentKind = Pick<EgressInstance, 'sopClassUid' | 'transferSyntaxUid' | 'isRejectionNote'>;

/** Why a study may not go, or what should be looked at though it may. */
export interface EgressFinding {
  readonly code: string;
  readonly severity: 'error' | 'warning';
  readonly cause: string;
  readonly remedy: string;
  /** What a register change must touch for the study to be looked at again, such as `code:GD1AA`. */
  readonly subject: string;
}

/** A C-STORE that was answered, or tried in vain. */
export interface InstanceSend {
  readonly sopInstanceUid: string;
  readonly state: 'SENT' | 'FAILED' | 'PENDING';
  readonly sentAt: number;
  readonly status: number | null;
  readonly errorComment: string;
}

/** What a commitment report says of one instance. */
export interface InstanceCommitment {
  readonly sopInstanceUid: string;
  readonly committed: boolean;
  /** Failure Reason (0008,1197); null when committed. */
  readonly failureReason: number | null;
}

export interface NewEgressCommitment {
  readonly transactionUid: string;
  readonly requestedAt: number;
  readonly instances: number;
  readonly answerBy: number;
}

export interface EgressCommitment extends NewEgressCommitment {
  readonly id: number;
  readonly jobId: number;
  readonly state: 'REQUESTED' | 'ANSWERED' | 'EXPIRED' | 'REFUSED';
  readonly answeredAt: number | null;
  readonly answeredOn: string;
  readonly report: Uint8Array | null;
  readonly reportTransferSyntax: string;
  readonly eventType: number | null;
}

export interface CommitmentAnswer {
  readonly transactionUid: string;
  readonly state: 'ANSWERED' | 'EXPIRED' | 'REFUSED';
  readonly answeredAt: number;
  /** `same` or `new` association; '' when there was no answer. */
  readonly answeredOn: string;
  readonly report: Uint8Array | null;
  readonly reportTransferSyntax: string;
  readonly eventType: number | null;
  readonly instances: readonly InstanceCommitment[];
}

/** The manifest of a job as it was sent. */
export interface EgressManifest {
  readonly sopInstanceUid: string;
  readonly seriesInstanceUid: string;
  /** Hex, of `file`. */
  readonly sha256: string;
  /** A DICOM file (PS3.10). */
  readonly file: Uint8Array;
  readonly createdAt: number;
}

export interface StoredManifest extends EgressManifest {
  readonly jobId: number;
  readonly deliveredAt: number | null;
  readonly status: number | null;
  readonly transactionUid: string;
}

/** A commitment report as it came; `callingAet` is the archive's title. */
export interface NewEgressReport {
  readonly transactionUid: string;
  readonly callingAet: string;
  /** That of the request, or one that the archive opened. */
  readonly association: 'same' | 'new';
  readonly eventType: number;
  readonly transferSyntax: string;
  readonly report: Uint8Array;
  readonly receivedAt: number;
}

export interface EgressReport extends NewEgressReport {
  readonly id: number;
}

/** Rows that go with a move, or with the progress of a job within its state: written with it or not at all. */
export type JobEffect =
  | { readonly kind: 'sends'; readonly sends: readonly InstanceSend[] }
  | { readonly kind: 'findings'; readonly findings: readonly EgressFinding[] }
  | { readonly kind: 'commitment'; readonly commitment: NewEgressCommitment }
  | { readonly kind: 'commitment-answer'; readonly answer: CommitmentAnswer }
  | { readonly kind: 'manifest'; readonly manifest: EgressManifest }
  | {
      readonly kind: 'manifest-delivered';
      readonly deliveredAt: number;
      readonly status: number;
      readonly transactionUid: string;
    }
  | { readonly kind: 'report-taken'; readonly reportId: number; readonly outcome: ReportOutcome };

/** `late`: its request had been given up; `duplicate`: it was answered before; `foreign`: another archive's; `unknown`: no request of ours. */
export type ReportOutcome = 'applied' | 'late' | 'duplicate' | 'unknown' | 'foreign';

/** What readiness found of a study. */
export interface Judgement {
  readonly jobId: number;
  readonly at: number;
  readonly actor: string;
  /** Any error holds the study. */
  readonly findings: readonly EgressFinding[];
  readonly controller: string;
  readonly contentType: string;
  readonly callingAet: string;
  readonly priority: JobPriority;
}

/** A destination as far as opening jobs for it goes. */
export interface JobOpening {
  readonly destinations: readonly string[];
  readonly at: number;
  readonly quietMs: number;
  /** From receipt of the study's first object; null for none. */
  readonly deadlineMs: number | null;
  /** Studies at once. */
  readonly limit: number;
}
