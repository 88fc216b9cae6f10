import type { InstanceRef, InstanceSelection } from '../index/index-types.ts';

/** Port: the index. Batches, in an order that keeps a series together. */
export interface InstanceSource {
  selectInstances(selection: InstanceSelection, signal: AbortSignal): AsyncIterable<readonly InstanceRef[]>;
}
