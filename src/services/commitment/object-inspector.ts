import { StoreError } from '../../store/store-errors.ts';
import type { ObjectStore } from '../../store/object-store.ts';
import type { ObjectCondition, ObjectInspector } from './commitment-check.ts';

/**
 * Looks at kept files in the object store. A disk that reports an error for this file makes it damaged; whatever else keeps
 * the store from answering rejects, so that the task is tried again instead of being reported wrongly.
 */
export function createObjectInspector(store: Pick<ObjectStore, 'stat' | 'verify'>): ObjectInspector {
  return {
    async inspect(sha256, size, digest): Promise<ObjectCondition> {
      try {
        const found = await store.stat(sha256);
        if (found === undefined) return 'missing';
        if (found.size !== size) return 'damaged';
        if (!digest) return 'good';
        const fault = await store.verify(sha256, size);
        return fault === undefined ? 'good' : fault.code === 'OBJECT_MISSING' ? 'missing' : 'damaged';
      } catch (error) {
        if (error instanceof StoreError && error.code === 'STORE_IO') return 'damaged';
        throw error;
      }
    },
  };
}
