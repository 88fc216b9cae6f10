import type { InstanceRef, InstanceSelection } from '../index/index-types.ts';

/** Port: the index, where what may be sent is found. */
export interface RetrieveSource extends InstanceSource {
  /** The studies that a selection reaches into. */
  selectedStudies(selection: InstanceSelection): Promise<readonly string[]>;
}

/** Port: the index. Batches, in an order that keeps a series together. */
export interface InstanceSource {
  selectInstances(selection: InstanceSelection, signal: AbortSignal): AsyncIterable<readonly InstanceRef[]>;
}
