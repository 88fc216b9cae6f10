import { randomUUID } from 'node:crypto';
import { uidFromUuid } from '../../dicom/uid-syntax.ts';
import type { DimseStatus } from '../../dimse/command-types.ts';
import { STATUS, statusName, statusText } from '../../dimse/status-table.ts';
import type { JobEffect, NewEgressCommitment } from '../../index/egress/egress-types.ts';
import type { CommitmentReference } from '../../services/commitment/commitment-outcome.ts';
import type { ArchiveSession } from '../send/archive-session.ts';
import { requestCommitment, splitReferences } from './request-commitment.ts';

export interface CommitmentPolicy {
  /** instances in one request */
  readonly maxInstances: number;
  /** ms that the association of the request is kept open for the report */
  readonly sameAssociationWait: number;
  /** ms after which a report is asked for anew */
  readonly answerWithin: number;
}

/** A request before it is sent: it has to be on the disk first, since its report may be faster than its response. */
export interface PlannedRequest extends NewEgressCommitment {
  readonly references: readonly CommitmentReference[];
}

/** Requests for all references, each with a Transaction UID that was never used before. */
export function planRequests(
  references: readonly CommitmentReference[],
  policy: CommitmentPolicy,
  now: number,
): PlannedRequest[] {
  return splitReferences(references, policy.maxInstances).map((part) => ({
    transactionUid: uidFromUuid(randomUUID()),
    requestedAt: now,
    instances: part.length,
    answerBy: now + policy.answerWithin,
    references: part,
  }));
}

export function commitmentEffects(requests: readonly PlannedRequest[]): JobEffect[] {
  return requests.map(({ transactionUid, requestedAt, instances, answerBy }) => ({
    kind: 'commitment',
    commitment: { transactionUid, requestedAt, instances, answerBy },
  }));
}

/** Why an archive gives no answer to a request; `lasting`: asking again would not help. */
export interface RequestRefusal {
  readonly code: string;
  readonly cause: string;
  readonly remedy: string;
  readonly lasting: boolean;
  /** Requests that will get no report. */
  readonly unasked: readonly PlannedRequest[];
}

/** Sends the requests; undefined when the archive has taken them all. Rejects when the association is lost. */
export async function sendRequests(
  requests: readonly PlannedRequest[],
  session: ArchiveSession,
): Promise<RequestRefusal | undefined> {
  for (const [at, { transactionUid, references }] of requests.entries()) {
    const assoc = await session.association();
    const status = await requestCommitment(assoc, transactionUid, references);
    if (status?.code === STATUS.Success) continue;
    return { ...refusalOf(status), unasked: requests.slice(at) };
  }
  return undefined;
}

// PS3.7 annex C: the archive does not do this at all, or not for us.
const LASTING: ReadonlySet<number> = new Set([
  STATUS.NoSuchSOPClass,
  STATUS.SOPClassNotSupported,
  STATUS.NoSuchActionType,
  STATUS.UnrecognizedOperation,
  STATUS.NotAuthorized,
]);

function refusalOf(status: DimseStatus | undefined): Omit<RequestRefusal, 'unasked'> {
  const remedy = 'have storage commitment set up for this calling AE title at the archive, then: kuva queue release';
  if (status === undefined) {
    const cause = 'the archive takes no presentation context for storage commitment';
    return { code: 'COMMITMENT_NOT_OFFERED', cause, remedy, lasting: true };
  }
  const cause = `the archive answered the request for commitment ${statusText(status.code)}: ${statusName(status.code)}`;
  return { code: 'COMMITMENT_REFUSED', cause, remedy, lasting: LASTING.has(status.code) };
}
