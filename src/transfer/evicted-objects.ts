import type { EvictableInstance } from '../index/eviction/eviction-types.ts';
import type { NewInstance } from '../index/index-types.ts';
import { readStoredInstance } from '../ingest/adopt-object.ts';
import { NO_REJECTIONS } from '../ingest/note-collector.ts';
import type { StoredObjects } from './stored-objects.ts';

/** The object tree as eviction needs it. */
export function evictedObjects(objects: StoredObjects) {
  return {
    describe: ({ sha256, receivedAt, callingAET, organisation }: EvictableInstance): Promise<NewInstance> =>
      // What a rejection note rejects is a matter of its own table, which a reindex leaves alone.
      readStoredInstance(objects, { receivedAt, callingAET, organisation }, sha256, NO_REJECTIONS),
    remove: (sha256: string): Promise<boolean> => objects.remove(sha256),
  };
}
