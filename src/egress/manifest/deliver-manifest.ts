import { readFileMeta } from '../../dicom/file-meta.ts';
import { UID } from '../../dicom/uids.ts';
import type { EgressInstance, QueueJob } from '../../index/egress/egress-types.ts';
import type { IndexService } from '../../index/index-service.ts';
import type { Profile } from '../../profile/profile.ts';
import type { JobStore } from '../queue/job-store.ts';
import type { ArchiveSession } from '../send/archive-session.ts';
import type { DestinationLink } from '../send/destination-link.ts';
import type { ObjectReading } from '../../retrieve/opened-object.ts';
import type { OutgoingRecord } from '../send/outgoing-record.ts';
import type { StatusVerdict, StatusVerdicts } from '../send/status-verdict.ts';
import { buildManifest } from './build-manifest.ts';
import type { Manifest } from './build-manifest.ts';
import { studyHeader } from './study-header.ts';

export interface ManifestDeps extends ObjectReading {
  readonly index: Pick<IndexService, 'read'>;
  readonly store: JobStore;
  readonly profile: Profile['egress'];
  readonly verdicts: StatusVerdicts;
  /** undefined when nobody audits */
  readonly outgoing?: OutgoingRecord | undefined;
}

/** The manifest of a study as it stands with this job; undefined when there is nothing to list. On the disk before it is sent. */
export async function prepareManifest(
  job: QueueJob,
  link: DestinationLink,
  deps: ManifestDeps,
): Promise<Manifest | undefined> {
  const own = await deps.store.instances(job);
  const instances = await keptOf(job, deps);
  if (instances.length === 0) return undefined;
  const commitments = await deps.store.commitments(job);
  const manifest = buildManifest(
    {
      header: await studyHeader(
        describing(job, own, instances).map((each) => ({ ...each, studyInstanceUid: job.studyInstanceUid })),
        deps,
      ),
      studyInstanceUid: job.studyInstanceUid,
      instances,
      destination: job.destination,
      version: job.version,
      retrieveAet: link.destination.aeTitle,
      committedAt: Math.max(job.createdAt, ...answeredTimes(commitments, own)),
    },
    deps.profile,
  );
  await deps.store.record(job, [{ kind: 'manifest', manifest: { ...manifest, createdAt: job.updatedAt } }]);
  return manifest;
}

/** When the reports came that committed the instances of this job: what is asked later, for the manifest itself, does not count. */
function answeredTimes(
  commitments: readonly { readonly id: number; readonly answeredAt: number | null }[],
  own: readonly EgressInstance[],
): number[] {
  const ids = new Set(own.map(({ commitmentId }) => commitmentId));
  return commitments.filter(({ id }) => ids.has(id)).map(({ answeredAt }) => answeredAt ?? 0);
}

/** Everything of the study that the archive has, of all versions. */
async function keptOf({ studyInstanceUid, destination }: QueueJob, { index }: ManifestDeps): Promise<EgressInstance[]> {
  const rows = await index.read('queueKept', studyInstanceUid, destination);
  return [...new Map(rows.map((instance) => [instance.sopInstanceUid, instance])).values()];
}

/**
 * Whose study it is, what is listed tells: first what this job carries, whose file is here. What it carries beside that is rejected and may
 * be another patient's; a note alone can stand in when the files of all others have been given up.
 */
function describing(
  job: QueueJob,
  own: readonly EgressInstance[],
  listed: readonly EgressInstance[],
): EgressInstance[] {
  const notes = own.filter(({ isRejectionNote }) => isRejectionNote);
  return [...listed.toSorted((a, b) => Number(b.jobId === job.id) - Number(a.jobId === job.id)), ...notes];
}

/** What the archive says to the manifest (strategy cstore-kos); undefined when it takes no context for it. */
export async function storeManifest(
  manifest: Manifest,
  job: QueueJob,
  session: ArchiveSession,
  deps: ManifestDeps,
): Promise<StatusVerdict | undefined> {
  const assoc = await session.association();
  const pc = assoc.contextFor(UID.KeyObjectSelectionDocumentStorage, UID.ExplicitVRLittleEndian);
  if (pc === undefined) return undefined;
  const ended = await deps.outgoing?.begin(job, [{ sopClassUid: UID.KeyObjectSelectionDocumentStorage }]);
  let outcome = 'the association was lost';
  try {
    const { code } = await assoc.store({
      pc,
      affectedSOPClassUID: UID.KeyObjectSelectionDocumentStorage,
      affectedSOPInstanceUID: manifest.sopInstanceUid,
      priority: 0,
      dataSet: manifest.file.subarray(readFileMeta(manifest.file).dataSetOffset),
    });
    const verdict = deps.verdicts.of(code);
    outcome = verdict.reaction === 'success' || verdict.reaction === 'warning' ? '' : verdict.cause;
    return verdict;
  } finally {
    await ended?.(outcome === '' ? 0 : 1, outcome);
  }
}
