import type { StudyCopy } from '../index/priors/prior-types.ts';
import type { DropResult, InstanceRef, InstanceSelection } from '../index/index-types.ts';

/** Port: the index. */
export interface ExpiringIndex {
  read(operation: 'studyCopiesExpired', now: number, limit: number): Promise<StudyCopy[]>;
  write(operation: 'studyCopyRemove', studyInstanceUid: string): Promise<boolean>;
  selectInstances(selection: InstanceSelection, signal: AbortSignal): AsyncIterable<readonly InstanceRef[]>;
  dropInstance(instanceId: number): Promise<DropResult>;
  indexedObjects(sha256: readonly string[]): Promise<ReadonlySet<string>>;
}

/** Port: the object tree. */
export interface ExpiringObjects {
  remove(sha256: string): Promise<boolean>;
}

const AT_ONCE = 20;

/**
 * Removes copies whose time is over, rows before files. Only what is a copy ever goes this way: the archive has it, so that nothing is lost
 * even when somebody sends the same bytes in this very moment.
 * @returns how many studies went
 */
export async function expireCopies(
  index: ExpiringIndex,
  objects: ExpiringObjects,
  now: number,
  signal: AbortSignal,
): Promise<number> {
  const expired = await index.read('studyCopiesExpired', now, AT_ONCE);
  let gone = 0;
  for (const { studyInstanceUid } of expired) {
    const digests: string[] = [];
    for await (const batch of index.selectInstances({ level: 'STUDY', studyUids: [studyInstanceUid] }, signal)) {
      for (const { instanceId, sha256 } of batch) {
        await index.dropInstance(instanceId);
        digests.push(sha256);
      }
    }
    const named = await index.indexedObjects(digests);
    for (const sha256 of digests) if (!named.has(sha256)) await objects.remove(sha256);
    if (await index.write('studyCopyRemove', studyInstanceUid)) gone += 1;
  }
  return gone;
}
