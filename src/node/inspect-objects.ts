import type { ObjectInspector } from '../services/commitment/commitment-check.ts';
import type { ObjectStore } from '../store/object-store.ts';

/** Looks at kept files for storage commitment: there with the right size, and with `digest` unchanged to the last bit. */
export function inspectObjects(store: Pick<ObjectStore, 'stat' | 'verify'>): ObjectInspector {
  return {
    async inspect(sha256, size, digest) {
      const found = await store.stat(sha256);
      if (found === undefined) return 'missing';
      if (found.size !== size) return 'damaged';
      if (!digest) return 'good';
      const fault = await store.verify(sha256, size);
      if (fault === undefined) return 'good';
      return fault.code === 'OBJECT_MISSING' ? 'missing' : 'damaged';
    },
  };
}
