import { errorCode, KuvaError } from '../../core/errors.ts';
import { STATUS } from '../../dimse/status-table.ts';
import type { InstanceRef } from '../../index/index-types.ts';
import type { InstanceSource } from '../../retrieve/instance-source.ts';
import type { CommitmentFailure, CommitmentOutcome, CommitmentReference } from './commitment-outcome.ts';

/** What the object store says of one kept file. */
export type ObjectCondition = 'good' | 'missing' | 'damaged';

/** Port: looks at a kept file: that it is there with this size, and with `digest` that it still has this SHA-256. */
export interface ObjectInspector {
  inspect(sha256: string, size: number, digest: boolean): Promise<ObjectCondition>;
}

/** Port: the index, which also knows the instances whose file is not known to be on the disk. */
export interface CommitmentIndex extends InstanceSource {
  suspects(): Promise<readonly { readonly instanceId: number }[]>;
}

/** An instance is indexed and its file is there, but a power cut may take it: too early to tell. */
class NotDurableYetError extends KuvaError {
  override readonly name = 'NotDurableYetError';

  constructor() {
    super('NOT_DURABLE_YET', 'an instance is not known to be on the disk yet');
  }
}

export interface CommitmentCheckDeps {
  readonly index: CommitmentIndex;
  readonly objects: ObjectInspector;
  /** re-read and hash every file before commitment is given */
  readonly checkDigest: boolean;
}

const UIDS_A_QUERY = 500;

/**
 * Decides for each reference whether responsibility is taken for it. Only what is indexed and there, with the right class
 * and size, is committed; an outcome is never guessed: an error of the index, or an instance that is still on its way to the
 * disk, rejects the whole check.
 */
export async function checkCommitment(
  references: readonly CommitmentReference[],
  deps: CommitmentCheckDeps,
  signal: AbortSignal,
): Promise<CommitmentOutcome> {
  const committed: CommitmentReference[] = [];
  const failed: CommitmentFailure[] = [];
  for (let start = 0; start < references.length; start += UIDS_A_QUERY) {
    const part = references.slice(start, start + UIDS_A_QUERY);
    const known = await lookUp(part, deps.index, signal);
    // Asked after: a row and its being suspect are one transaction, and whatever was acknowledged is suspect no more.
    const suspects = new Set((await deps.index.suspects()).map(({ instanceId }) => instanceId));
    for (const reference of part) {
      signal.throwIfAborted();
      const instance = known.get(reference.sopInstanceUid);
      const failureReason = await failureOf(reference, instance, deps);
      if (failureReason === undefined && suspects.has(instance!.instanceId)) throw new NotDurableYetError();
      if (failureReason === undefined) committed.push(reference);
      else failed.push({ ...reference, failureReason });
    }
  }
  return { committed, failed };
}

async function lookUp(
  references: readonly CommitmentReference[],
  index: InstanceSource,
  signal: AbortSignal,
): Promise<Map<string, InstanceRef>> {
  const sopUids = [...new Set(references.map((reference) => reference.sopInstanceUid))];
  const known = new Map<string, InstanceRef>();
  for await (const batch of index.selectInstances({ level: 'IMAGE', sopUids }, signal)) {
    for (const instance of batch) known.set(instance.sopInstanceUid, instance);
  }
  return known;
}

/** PS3.3 C.14.1.1: the failure reason, undefined when the instance is safe. */
async function failureOf(
  reference: CommitmentReference,
  instance: InstanceRef | undefined,
  deps: CommitmentCheckDeps,
): Promise<number | undefined> {
  if (instance === undefined) return STATUS.NoSuchObjectInstance;
  if (instance.sopClassUid !== reference.sopClassUid) return STATUS.ClassInstanceConflict;
  // Given up here only after the archive had taken responsibility and had been asked again.
  if (instance.evictedTo !== undefined) return undefined;
  switch (await conditionOf(instance, deps)) {
    case 'good':
      return undefined;
    case 'missing':
      return STATUS.NoSuchObjectInstance;
    case 'damaged':
      return STATUS.ProcessingFailure;
  }
}

/** A disk that reports an error for this file has lost it; whatever else keeps the store from answering rejects, and is tried again. */
async function conditionOf(instance: InstanceRef, deps: CommitmentCheckDeps): Promise<ObjectCondition> {
  try {
    return await deps.objects.inspect(instance.sha256, instance.size, deps.checkDigest);
  } catch (error) {
    if (errorCode(error) === 'STORE_IO') return 'damaged';
    throw error;
  }
}
