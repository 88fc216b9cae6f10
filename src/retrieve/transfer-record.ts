import type { InstanceRef } from '../index/index-types.ts';

interface Party {
  readonly aet: string;
  readonly address?: string;
}

/** Who asked for instances, and who gets them. */
export interface TransferParties {
  readonly requester: Party;
  readonly destination: Party;
}

/** Port: is told of instances before the first of them leaves, and of what became of them. */
export interface TransferRecord {
  /** @throws AuditBlockedError when it cannot be written down: they may not leave */
  begin(
    parties: TransferParties,
    instances: readonly InstanceRef[],
  ): Promise<(failed: number, reason: string) => Promise<unknown>>;
}
