import type { AuditRecord } from '../audit/audit-record.ts';
import { query } from '../audit/events/query-event.ts';
import { beginTransferring } from '../audit/events/transfer-events.ts';
import { errorCode, toError } from '../core/errors.ts';
import type { Element } from '../dicom/data-set.ts';
import type { Association } from '../dimse/association.ts';
import type { IndexService } from '../index/index-service.ts';
import type { Profile } from '../profile/profile.ts';
import { findStudies, moveStudy } from './archive-query.ts';
import { claimElements, claimOf } from './asker-claim.ts';
import { comparable } from './comparable.ts';
import type { PriorCandidate } from './comparable.ts';
import type { PriorSubject } from './prior-reference.ts';

export interface PrefetchOptions {
  readonly index: Pick<IndexService, 'read' | 'write'>;
  readonly profile: Profile;
  /** Opens an association to the archive with PRIOR_CONTEXTS; the prefetch ends it. */
  readonly open: (signal: AbortSignal) => Promise<Association>;
  /** Name of the archive in the configuration. */
  readonly archive: string;
  /** AE title of the archive, as which it sends, and its host. */
  readonly archiveAet: string;
  readonly archiveHost: string;
  /** Our AE title as the archive knows it. */
  readonly ownAet: string;
  readonly keepMs: number;
  readonly maxStudies: number;
  readonly clock: () => number;
  readonly record: AuditRecord;
  /** Who asks and why; left out: as the subject says; null: the archive is not told. */
  readonly claim?: string | null;
}

/** `own`: it is here by itself, and no copy. */
export interface PrefetchedStudy extends PriorCandidate {
  readonly result: 'fetched' | 'own' | 'failed';
  readonly objects: number;
  /** Why it failed. */
  readonly reason: string;
}

/**
 * Fetches comparable earlier studies from the archive. What it may show is the archive's decision; that a study is a copy is on record before its
 * first object is asked for, so that the queue can never take it for one of ours.
 * @throws KuvaError, AssociationError when the archive cannot be asked
 */
export async function prefetch(
  options: PrefetchOptions,
  subject: PriorSubject,
  signal: AbortSignal,
): Promise<PrefetchedStudy[]> {
  const { index, profile, clock } = options;
  const assoc = await options.open(signal);
  try {
    const said = options.claim === undefined ? claimOf(profile, subject) : (options.claim ?? '');
    const claim = claimElements(profile, said);
    const archiveAe = { aet: options.archiveAet, address: options.archiveHost };
    const found = await findStudies(assoc, subject, claim, signal, (asked) =>
      options.record((self) => [query({ ...asked, at: clock(), source: self, destination: archiveAe, outcome: 0 })]),
    );
    const wanted = comparable(profile, subject, found).filter(
      ({ studyInstanceUid }) => studyInstanceUid !== subject.id,
    );
    const results: PrefetchedStudy[] = [];
    for (const candidate of wanted.slice(0, options.maxStudies)) {
      const { studyInstanceUid } = candidate;
      const now = clock();
      const copy = {
        studyInstanceUid,
        source: options.archive,
        fetchedAt: now,
        expiresAt: now + options.keepMs,
        fetchedFor: subject.id,
      };
      if (await index.write('studyCopyPut', copy))
        results.push({
          ...candidate,
          ...(await fetchOne(options, assoc, { studyInstanceUid, patientId: subject.patientId }, claim, signal)),
        });
      else results.push({ ...candidate, result: 'own', objects: 0, reason: '' });
    }
    await assoc.release();
    return results;
  } finally {
    if (assoc.isOpen) assoc.abort('the prefetch has ended');
  }
}

async function fetchOne(
  { index, ownAet, archiveAet, archiveHost, record, clock }: PrefetchOptions,
  assoc: Association,
  { studyInstanceUid, patientId }: { readonly studyInstanceUid: string; readonly patientId: string },
  claim: readonly Element[],
  signal: AbortSignal,
): Promise<Pick<PrefetchedStudy, 'result' | 'objects' | 'reason'>> {
  try {
    const source = { aet: archiveAet, address: archiveHost };
    const study = { studyInstanceUid, patientId, sopClasses: [] };
    const transfer = { source, requestor: 'destination', study } as const;
    await record((self) => [beginTransferring({ ...transfer, at: clock(), destination: self })]);
    const objects = await moveStudy(assoc, studyInstanceUid, ownAet, claim, signal);
    if (objects > 0) return { result: 'fetched', objects, reason: '' };
    await index.write('studyCopyRemove', studyInstanceUid);
    return { result: 'failed', objects, reason: 'the archive sent nothing' };
  } catch (error) {
    // A copy of which objects are here stays one.
    await index.write('studyCopyRemove', studyInstanceUid);
    return { result: 'failed', objects: 0, reason: `${errorCode(error)}: ${toError(error).message}` };
  } finally {
    await index.write('studyCopyFetched', studyInstanceUid, archiveAet);
  }
}
