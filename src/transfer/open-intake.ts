import { localUser } from '../audit/audit-actors.ts';
import { spooledForm } from '../audit/audit-trail.ts';
import { refusedImport } from '../audit/events/media-events.ts';
import { ownAe } from '../audit/own-ae.ts';
import { ReceptionAudit } from '../audit/reception-audit.ts';
import type { ReceptionOwner } from '../audit/reception-audit.ts';
import type { Config } from '../config/schema.ts';
import { storagePaths } from '../config/storage-paths.ts';
import { IndexService } from '../index/index-service.ts';
import { createIngest } from '../ingest.ts';
import type { Ingest } from '../ingest.ts';
import type { ReceivingIndex } from '../ingest/ingest-types.ts';
import { rejectionRules } from '../ingest/rejection-rules.ts';
import { loadProfile } from '../profile/load-profile.ts';
import { ObjectStore } from '../store/object-store.ts';

/** For whom objects come in: files from a medium, named by URIs, or an archive that brings back what it was given. */
export interface IntakePurpose {
  readonly owner: Exclude<ReceptionOwner, 'node'>;
  /** URIs; '' for none. */
  readonly media: string;
}

/** The way into the archive for an import, beside a running node or without one. */
export interface Intake extends AsyncDisposable {
  readonly ingest: Ingest;
  /** So many files were not taken: in the audit trail when this resolves. */
  tellRefused(files: number): Promise<void>;
  /** Settles with the cause when nothing more may be acknowledged. */
  readonly failed: Promise<Error>;
}

/**
 * Opens index and store for adding objects. Recovery and the mark of an orderly stop are left to nodes.
 * Whoever calls has claimed the intake. @throws IndexOpenError, StoreError
 */
export async function openIntake(config: Config, purpose: IntakePurpose): Promise<Intake> {
  const paths = storagePaths(config);
  const rejections = rejectionRules(loadProfile(config.profile), config.node.role);
  const failure = Promise.withResolvers<Error>();
  await using opened = new AsyncDisposableStack();
  const index = await IndexService.open({
    path: paths.database,
    readers: 1,
    queue: config.egress.destinations.length > 0,
    underControl: config.disclosure.enabled,
    onFatal: failure.resolve,
  });
  opened.defer(() => index.close());
  const audit = opened.use(await auditIntake(config, index, purpose));
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
      index: audit.receiving,
      events: { ingested: () => {}, unindexed: () => {}, indexedLater: () => {} },
      rejections,
      onFatal: failure.resolve,
      clock: Date.now,
      now: () => performance.now(),
    }),
  );
  const held = opened.move();
  return {
    ingest,
    tellRefused: (files) => audit.tellRefused(files),
    failed: failure.promise,
    [Symbol.asyncDispose]: () => held.disposeAsync(),
  };
}

/** What comes in is counted for the audit trail, and told when this is disposed of; what an intake that was killed has left, at once. */
async function auditIntake(config: Config, index: IndexService, { owner, media }: IntakePurpose) {
  if (config.audit.repository === null) {
    const nothing = (): Promise<void> => Promise.resolve();
    return { receiving: index, tellRefused: nothing, [Symbol.asyncDispose]: nothing };
  }
  const by = localUser();
  const source = { id: config.node.aeTitle, enterpriseSite: config.audit.enterpriseSite };
  const receptions = new ReceptionAudit({
    index,
    owner,
    self: ownAe(config),
    source,
    ...(media === '' ? {} : { media: { by, uri: media } }),
    spooled: () => undefined,
    delayed: () => undefined,
    now: Date.now,
  });
  await receptions.tellLeft(['import', 'recall']);
  const receiving: ReceivingIndex = {
    addInstance: (row, from) => receptions.add(row, from, (audited) => index.addInstance(audited)),
    markDurable: (instanceId) => index.markDurable(instanceId),
    indexedObjects: (sha256) => index.indexedObjects(sha256),
  };
  return {
    receiving,
    tellRefused: async (files: number): Promise<void> => {
      if (files > 0)
        await index.write('auditAppend', [spooledForm(refusedImport(Date.now(), by, media, files), source)]);
    },
    [Symbol.asyncDispose]: async (): Promise<void> => {
      await receptions.settle();
      receptions[Symbol.dispose]();
    },
  };
}
