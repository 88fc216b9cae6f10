import type { Config } from '../config/schema.ts';
import { storagePaths } from '../config/storage-paths.ts';
import { IndexService } from '../index/index-service.ts';
import { adoptObject } from '../ingest/adopt-object.ts';
import type { IngestEvents } from '../ingest/ingest-types.ts';
import { createIngest } from '../ingest.ts';
import type { Ingest } from '../ingest.ts';
import { recover } from '../recovery.ts';
import type { RecoveryReport } from '../recovery.ts';
import { ObjectStore } from '../store/object-store.ts';

/** Called for every sync and commit, for metrics. */
export interface ArchiveEvents extends IngestEvents {
  synced(target: 'file' | 'directory', milliseconds: number): void;
  committed(rows: number, milliseconds: number): void;
}

/** Index, object store and the way into them. */
export interface Archive {
  readonly index: IndexService;
  readonly store: ObjectStore;
  readonly ingest: Ingest;
  /** Null for an import, which leaves recovery to the next node. */
  readonly recovery: RecoveryReport | null;
  /** Settles with the cause when nothing more may be acknowledged. */
  readonly failed: Promise<Error>;
  /** `orderly`: nothing is being received any more, so that the next start has nothing to recover. */
  close(orderly: boolean): Promise<void>;
}

/**
 * Opens the archive for receiving, after recovery when it is for a node. Whoever calls has claimed the storage.
 * @throws IndexOpenError, StoreError
 */
export async function openArchive(config: Config, role: 'node' | 'import', events: ArchiveEvents): Promise<Archive> {
  const paths = storagePaths(config);
  const failure = Promise.withResolvers<Error>();
  await using opened = new AsyncDisposableStack();
  const index = await IndexService.open({
    path: paths.database,
    readers: config.index.readers,
    onFatal: failure.resolve,
    onBatch: ({ rows, milliseconds }) => events.committed(rows, milliseconds),
  });
  opened.defer(() => index.close());
  const store = await ObjectStore.open({
    root: paths.root,
    role,
    reserveBytes: config.storage.reserveBytes,
    onFatal: failure.resolve,
    onSync: (target, milliseconds) => events.synced(target, milliseconds),
  });
  opened.defer(() => store.close(false));
  const adopted = { callingAET: config.node.aeTitle, organisation: config.node.organisation };
  const adopt = async (sha256: string) =>
    adoptObject(
      { store, index, known: { ...adopted, receivedAt: (await store.stat(sha256))?.mtimeMs ?? Date.now() } },
      sha256,
    );
  const recovery = role === 'node' ? await recover({ store, index, adopt }) : null;
  const ingest = createIngest({
    store,
    index,
    events,
    onFatal: failure.resolve,
    clock: Date.now,
    now: () => performance.now(),
  });
  opened.move();
  return {
    index,
    store,
    ingest,
    recovery,
    failed: failure.promise,
    close: async (orderly) => {
      try {
        // An import may run beside a node, and cannot tell whether that one stopped in order.
        if (orderly && role === 'node') await index.cleanMark();
      } finally {
        await store.close(orderly);
        await index.close();
      }
    },
  };
}
