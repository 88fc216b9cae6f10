import { errorCode, KuvaError } from '../core/errors.ts';
import { IndexError } from '../index/index-errors.ts';
import { StoreError, SyncFailedError } from '../store/store-errors.ts';

/** The disk, or the index as a whole, cannot be trusted or used: no start. Anything else concerns one object. */
export function mustStop(error: unknown): boolean {
  return error instanceof SyncFailedError || (error instanceof IndexError && !blamesObject(error));
}

/** The object itself cannot be indexed, now or later. A bug of ours or a disk that cannot be read say nothing about it. */
export function blamesObject(error: unknown): boolean {
  if (error instanceof IndexError) return errorCode(error) === 'INDEX_ROW_REJECTED';
  return error instanceof KuvaError && !(error instanceof StoreError);
}
