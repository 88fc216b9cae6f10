import type { Config } from '../config/schema.ts';
import { storagePaths } from '../config/storage-paths.ts';
import { IndexService } from '../index/index-service.ts';
import { createIngest } from '../ingest.ts';
import type { Ingest } from '../ingest.ts';
import { rejectionRules } from '../ingest/rejection-rules.ts';
import { loadProfile } from '../profile/load-profile.ts';
import { ObjectStore } from '../store/object-store.ts';

/** The way into the archive for an import, beside a running node or without one. */
export interface Intake extends AsyncDisposable {
  readonly ingest: Ingest;
  /** Settles with the cause when nothing more may be acknowledged. */
  readonly failed: Promise<Error>;
}

/**
 * Opens index and store for adding objects. Recovery and the mark of an orderly stop are left to nodes.
 * Whoever calls has claimed the intake. @throws IndexOpenError, StoreError
 */
export async function openIntake(config: Config): Promise<Intake> {
  const paths = storagePaths(config);
  const rejections = rejectionRules(loadProfile(config.profile), config.node.role);
  const failure = Promise.withResolvers<Error>();
  await using opened = new AsyncDisposableStack();
  const index = await IndexService.open({
    path: paths.database,
    readers: 1,
    queue: config.egress.destinations.length > 0,
    onFatal: failure.resolve,
  });
  opened.defer(() => index.close());
  const store = await ObjectStore.open({
    root: paths.root,
    role: 'import',
    reserveBytes: config.storage.reserveBytes,
    onFatal: failure.resolve,
  });
  opened.defer(() => store.close(true));
  const ingest = opened.use(
    createIngest({
      store,
      index,
      events: { ingested: () => {}, unindexed: () => {}, indexedLater: () => {} },
      rejections,
      onFatal: failure.resolve,
      clock: Date.now,
      now: () => performance.now(),
    }),
  );
  const held = opened.move();
  return { ingest, failed: failure.promise, [Symbol.asyncDispose]: () => held.disposeAsync() };
}
