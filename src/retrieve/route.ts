import type { InstanceRef } from '../index/index-types.ts';
import type { SubOperationTally } from './sub-operation-tally.ts';

/**
 * The way that instances take to their receiver. Delivers them, records each in the tally, and yields whenever a
 * pending response may go out. After `cancel` it starts no further sub-operation. What it leaves unrecorded without a
 * cancel does not exist: every instance ends completed, warning or failed.
 */
export type Route = (
  instances: readonly InstanceRef[],
  tally: SubOperationTally,
  cancel: AbortSignal,
) => AsyncIterable<void>;
