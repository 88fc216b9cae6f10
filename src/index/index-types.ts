import type { InstanceHeader } from '../dicom/header-reader.ts';
import type { PatientIdentity } from '../dicom/patient-identity.ts';
import type { AuditedInstance } from './audit/audit-types.ts';
import type { RejectionNote } from './rejections/rejection-types.ts';

/** One received object, as ingest hands it over. `sha256` is 64 hex digits of the whole file, `size` its bytes. */
export interface NewInstance {
  readonly sopInstanceUid: string;
  readonly sopClassUid: string;
  readonly transferSyntaxUid: string;
  readonly sha256: string;
  readonly size: number;
  readonly header: InstanceHeader;
  /** Milliseconds since 1970 UTC. */
  readonly receivedAt: number;
  readonly callingAET: string;
  readonly organisation: string | null;
  /** Of a rejection note: takes effect in the same transaction. */
  readonly rejects?: RejectionNote;
  /** Left out when nobody audits. */
  readonly audited?: AuditedInstance;
}

/**
 * `new`: indexed. `duplicate`: the same bytes were there, the event is counted. `conflict`: other bytes are served
 * under this SOP Instance UID; these are kept and listed. `instanceId` names what `markDurable` and `dropInstance`
 * take: the instance, or for a conflict the kept conflict (both draw from one sequence).
 */
export interface AddResult {
  readonly kind: 'new' | 'duplicate' | 'conflict';
  readonly instanceId: number;
  /** The sender's organisation, when the object lies in the study of another one. */
  readonly guestOf?: string;
}

/** An instance whose file was not known to be on the disk when the process stopped. */
export interface Suspect {
  readonly instanceId: number;
  readonly sha256: string;
  readonly size: number;
}

/** `orphans`: other bytes that had been kept as conflicts of the dropped instance and now deserve to be indexed. */
export interface DropResult {
  readonly dropped: boolean;
  readonly orphans: readonly { readonly sha256: string; readonly size: number }[];
}

/** What retrieve and commitment need of one instance. */
export interface InstanceRef {
  readonly instanceId: number;
  readonly sopClassUid: string;
  readonly sopInstanceUid: string;
  readonly transferSyntaxUid: string;
  readonly sha256: string;
  readonly size: number;
  readonly studyInstanceUid: string;
  readonly seriesInstanceUid: string;
  /** Destination that has it when its file was given up here. */
  readonly evictedTo?: string;
  /** Whose it is told to be wherever it goes; left out: as it says itself. */
  readonly corrected?: PatientIdentity;
}

/** Which instances: every key that is given must hold; lists are alternatives. At least one key is required. */
export interface InstanceSelection {
  readonly level: 'PATIENT' | 'STUDY' | 'SERIES' | 'IMAGE';
  readonly patientId?: string;
  readonly issuer?: string;
  readonly studyUids?: readonly string[];
  readonly seriesUids?: readonly string[];
  readonly sopUids?: readonly string[];
  /** Leaves out what regular use does not see. */
  readonly visibleOnly?: boolean;
}

/** Other bytes under a SOP Instance UID that was already there. */
export interface ConflictRow {
  readonly conflictId: number;
  readonly sopInstanceUid: string;
  readonly studyInstanceUid: string;
  readonly seriesInstanceUid: string;
  readonly sha256: string;
  readonly size: number;
  readonly receivedAt: number;
  readonly callingAET: string;
  readonly organisation: string | null;
  readonly duplicates: number;
  /** The one that is served; undefined when it has been dropped. */
  readonly served:
    | { readonly instanceId: number; readonly sha256: string; readonly receivedAt: number; readonly callingAET: string }
    | undefined;
}

export interface StatsRow {
  readonly organisation: string | null;
  readonly modality: string;
  /** `2026-11`, month of receipt in UTC. */
  readonly month: string;
  readonly studies: number;
  readonly series: number;
  readonly instances: number;
  readonly bytes: number;
}

export interface Totals {
  readonly patients: number;
  readonly studies: number;
  readonly series: number;
  readonly instances: number;
  readonly bytes: number;
  readonly duplicates: number;
  readonly conflicts: number;
}

/** One line of `kuva studies list`. */
export interface StudySummary {
  readonly studyInstanceUid: string;
  readonly patientId: string;
  readonly issuer: string;
  readonly patientName: string;
  readonly studyDate: string;
  readonly studyTime: string;
  readonly accessionNumber: string;
  readonly studyDescription: string;
  readonly modalities: readonly string[];
  readonly numberOfSeries: number;
  readonly numberOfInstances: number;
  readonly bytes: number;
  readonly firstReceivedAt: number;
  readonly lastReceivedAt: number;
  readonly organisation: string | null;
  readonly marks: readonly string[];
}

export interface StudyListQuery {
  readonly limit: number;
  /** Continue after this study of the previous page (newest first). */
  readonly before?: string;
  readonly patientId?: string;
  readonly accessionNumber?: string;
  /** Inclusive, YYYYMMDD. */
  readonly studyDateFrom?: string;
  readonly studyDateTo?: string;
  readonly markedOnly?: boolean;
}

export interface StudyDetail extends StudySummary {
  readonly series: readonly SeriesSummary[];
}

export interface SeriesSummary {
  readonly seriesInstanceUid: string;
  readonly modality: string;
  readonly seriesNumber: number | null;
  readonly seriesDescription: string;
  readonly numberOfInstances: number;
  readonly bytes: number;
}

export const AE_SERVICES = ['echo', 'store', 'find', 'move', 'get', 'commit'] as const;
export type AeService = (typeof AE_SERVICES)[number];

/** A peer application entity that the administrator has registered. */
export interface AeRow {
  readonly aet: string;
  readonly host: string;
  readonly port: number;
  readonly tls: boolean;
  readonly organisation: string | null;
  /** CIDR blocks it may call from. */
  readonly addresses: readonly string[];
  readonly calledAETs: readonly string[];
  readonly services: readonly AeService[];
  readonly maxSubAssociations: number;
  /** Sees rejected objects, too. */
  readonly qualityControl: boolean;
  readonly description: string;
  /** Subjects or SHA-256 fingerprints, one of which its certificate must have; empty: none is asked for. */
  readonly certificates: readonly string[];
}

/** A storage commitment request (PS3.4 J.3.2) to be kept until its report is delivered. */
export interface NewCommitment {
  readonly transactionUid: string;
  readonly callingAET: string;
  readonly calledAET: string;
  readonly references: readonly { readonly sopClassUid: string; readonly sopInstanceUid: string }[];
  readonly requestedAt: number;
}

export interface CommitmentTask extends NewCommitment {
  readonly id: number;
  readonly attempts: number;
  readonly nextAttemptAt: number;
  readonly lastError: string;
}
