import { ConfigError } from '../config/config-error.ts';
import type { Config } from '../config/schema.ts';
import { claimForEgress } from '../config/storage-claim.ts';
import { storagePaths } from '../config/storage-paths.ts';
import { Archives } from '../egress/archive/archives.ts';
import { Engine } from '../egress/queue/engine.ts';
import { StudyReadiness } from '../egress/queue/study-readiness.ts';
import { IndexService } from '../index/index-service.ts';
import { createLoggers } from '../observability/loggers.ts';
import { loadProfile } from '../profile/load-profile.ts';
import { StudyRules } from '../readiness/study-rules.ts';
import { ObjectReader } from '../store/reading/object-reader.ts';
import { createDayWatch } from './create-day-watch.ts';
import { createForwarding } from './create-forwarding.ts';
import { createOutgoingAudit } from './create-outgoing-audit.ts';
import { createReconciliation } from './create-reconciliation.ts';

/** What is read and hashed ahead gives way to whoever sends and receives, at either end: it has time for it, they have not. */
const READING_AHEAD = 10;

/** The queue at work on its own, beside a node or without one. Whoever made it closes it. */
export interface Egress extends AsyncDisposable {
  readonly destinations: readonly string[];
  /** Something has been added or reported: look now. */
  wake(): void;
  /** Jobs under way are left where they can be taken up again. */
  close(): Promise<void>;
  /** Settles with the cause when the queue can no longer be trusted. */
  readonly failed: Promise<Error>;
}

/**
 * Claims the right to forward from this storage, opens the queue and starts it.
 * @throws ConfigError when no destination is configured; StorageInUseError, IndexOpenError
 */
export async function createEgress(config: Config): Promise<Egress> {
  const { destinations, quietTime, deadline, emergencyAeTitles } = config.egress;
  if (destinations.length === 0)
    throw new ConfigError([
      'egress.destination is null, so nothing is forwarded: give the archive a name, aeTitle and host',
    ]);
  const profile = loadProfile(config.profile);
  await using building = new AsyncDisposableStack();
  const paths = storagePaths(config);
  const loggers = createLoggers({
    ...config.logging,
    stream: process.stderr,
    color: process.stderr.isTTY && (process.env['NO_COLOR'] ?? '') === '',
  });
  building.defer(() => loggers.close());
  building.use(claimForEgress(paths));
  const { promise: failed, resolve: onFatal } = Promise.withResolvers<Error>();
  const index = await IndexService.open({ path: paths.database, readers: 1, onFatal });
  building.defer(() => index.close());

  const titles = new Map(destinations.map(({ name, callingAeTitle }) => [name, callingAeTitle]));
  const readiness = new StudyReadiness({
    index,
    rules: new StudyRules({ index, profile, now: Date.now }),
    usualTitle: (destination) => titles.get(destination) ?? config.node.aeTitle,
    emergencyAeTitles,
  });
  const outgoing = createOutgoingAudit(config, index, loggers.egress);
  building.defer(async () => outgoing?.close());
  const forwarding = createForwarding({
    config,
    profile,
    index,
    log: loggers.egress,
    moved: () => engine.wake(),
    outgoing,
    reader: building.use(new ObjectReader({ nice: READING_AHEAD })),
  });
  const engine: Engine = new Engine({
    index,
    ...forwarding,
    readiness,
    destinations: destinations.map(({ name, window }) => ({ name, window })),
    quietMs: quietTime,
    deadlineMs: deadline,
    log: loggers.egress,
    now: Date.now,
    onFatal: (error) => {
      loggers.egress.error('the queue stops', { cause: error.message });
      onFatal(error);
    },
  });
  const days = createDayWatch({ config, profile, index, log: loggers.egress, wake: () => engine.wake() });
  building.defer(() => days.close());
  // Before anything is sent that a midnight without this process no longer lets pass.
  await days.start();
  await engine.start();
  building.defer(() => engine.close());
  const { reconcileEvery } = config.egress;
  if (reconcileEvery !== null) {
    const archives = new Archives(config, forwarding.connect);
    building.use(
      createReconciliation({ index, archives, every: reconcileEvery, log: loggers.egress, wake: () => engine.wake() }),
    );
  }
  const names = destinations.map(({ name }) => name);
  loggers.egress.info('forwarding', { destinations: names.join(', ') });
  const resources = building.move();
  let closed: Promise<void> | undefined;
  const close = (): Promise<void> => (closed ??= resources.disposeAsync());
  return { destinations: names, failed, wake: () => engine.wake(), close, [Symbol.asyncDispose]: close };
}
