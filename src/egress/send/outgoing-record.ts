import type { QueueJob } from '../../index/egress/egress-types.ts';

/** Port: is told of objects before the first of them leaves, and of what became of them. */
export interface OutgoingRecord {
  /** @throws when it cannot be written down: they may not leave */
  begin(
    job: QueueJob,
    objects: readonly { readonly sopClassUid: string }[],
  ): Promise<(failed: number, reason: string) => Promise<unknown>>;
}
