import type { RetrieveResponse } from '../dimse/command-types.ts';
import type { InstanceRef } from '../index/index-types.ts';
import type { SubOperationTally } from './sub-operation-tally.ts';

/** Port: brings back what was given up here because an archive has it. */
export interface Recall {
  /**
   * Settles when each of the instances is on our disk again, or cannot be had: then with the reason, by SOP Instance UID. Never rejects
   * because of what an archive does.
   */
  bringBack(instances: readonly InstanceRef[], signal: AbortSignal): Promise<ReadonlyMap<string, string>>;
  /** milliseconds between the pending responses that tell the requester that work goes on */
  readonly pendingInterval: number;
}

/**
 * What of the selected instances can be sent: everything that is here, and what could be brought back. What could not is recorded as
 * failed. Yields pending responses meanwhile (PS3.4 C.4.2.3.1).
 */
export async function* withRecalled(
  instances: readonly InstanceRef[],
  tally: SubOperationTally,
  recall: Recall | undefined,
  stop: AbortSignal,
): AsyncGenerator<RetrieveResponse, readonly InstanceRef[]> {
  const away = instances.filter(({ evictedTo }) => evictedTo !== undefined);
  if (away.length === 0) return instances;
  const failed =
    recall === undefined ? noRecall(away) : yield* pendingUntil(recall.bringBack(away, stop), recall, tally);
  if (stop.aborted) return [];
  return instances.filter((instance) => {
    const reason = failed.get(instance.sopInstanceUid);
    if (reason !== undefined) tally.record(instance, { kind: 'failed', reason });
    return reason === undefined;
  });
}

function noRecall(away: readonly InstanceRef[]): ReadonlyMap<string, string> {
  return new Map(
    away.map(({ sopInstanceUid }) => [sopInstanceUid, 'it is in an archive alone, and none is configured']),
  );
}

async function* pendingUntil<T>(
  work: Promise<T>,
  { pendingInterval }: Recall,
  tally: SubOperationTally,
): AsyncGenerator<RetrieveResponse, T> {
  for (;;) {
    const { promise, resolve } = Promise.withResolvers<void>();
    const timer = setTimeout(resolve, pendingInterval);
    let done = false;
    const settled = (): void => {
      done = true;
      resolve();
    };
    work.then(settled, settled);
    await promise;
    clearTimeout(timer);
    if (done) return work;
    yield tally.pending();
  }
}
