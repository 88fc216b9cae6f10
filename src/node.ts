import type { Config } from './config/schema.ts';
import { claimForNode } from './config/storage-claim.ts';
import { awaitSignOfLife } from './config/storage-lock.ts';
import { storagePaths } from './config/storage-paths.ts';
import { checkTlsFiles } from './config/tls-files.ts';
import { Acceptor } from './dimse/acceptor.ts';
import { statusName } from './dimse/status-table.ts';
import { IndexService } from './index/index-service.ts';
import { createIngest } from './ingest.ts';
import { adoptObject } from './ingest/adopt-object.ts';
import { rejectionRules } from './ingest/rejection-rules.ts';
import { acceptorOptions } from './node/acceptor-options.ts';
import type { DisclosureLog } from './disclosure/disclosure-log.ts';
import { commitmentScope } from './node/commitment-scope.ts';
import { indexLogStore } from './access-log/index-log-store.ts';
import { accessLogWriter } from './services/access-log-writer.ts';
import { watchCertificates } from './node/certificate-watch.ts';
import { createAccess } from './node/create-access.ts';
import { createAccessLog } from './node/create-access-log.ts';
import { createAudit } from './node/create-audit.ts';
import { createDocuments } from './node/create-documents.ts';
import { accessGate } from './node/create-gate.ts';
import { orRefused } from './node/when-log-fails.ts';
import { createDisclosure } from './services/create-disclosure.ts';
import { createPriors } from './node/create-priors.ts';
import { createServices } from './node/create-services.ts';
import { readEgressLevels } from './node/egress-levels.ts';
import { EgressSupervisor } from './node/egress-supervisor.ts';
import { reportHealth, readLevels } from './node/health-report.ts';
import { forwarderProblems } from './node/national-role.ts';
import { createEgressMetrics } from './observability/egress-metrics.ts';
import { createEvents } from './observability/events.ts';
import { HealthServer } from './observability/health.ts';
import { createLoggers } from './observability/loggers.ts';
import type { Loggers } from './observability/loggers.ts';
import { createMetrics } from './observability/metrics.ts';
import { WriteProbe } from './observability/write-probe.ts';
import { checkExposure } from './policy/exposure.ts';
import { loadProfile } from './profile/load-profile.ts';
import { recover } from './recovery.ts';
import { ObjectStore } from './store/object-store.ts';

/** Parts that a test, or a program around the node, may put in the place of the usual ones. */
export interface NodeOverrides {
  readonly loggers?: Loggers;
  /** Where disclosure control keeps its log. */
  readonly disclosureLog?: DisclosureLog;
  /** Clock of disclosure control: the law of which day counts. */
  readonly now?: () => number;
}

/** A node that has recovered its storage. It listens after `listen()`; whoever made it closes it. */
export interface Node extends AsyncDisposable {
  readonly dicomPort: number;
  /** Null when monitoring over HTTP is off. */
  readonly httpPort: number | null;
  listen(): Promise<void>;
  /** Orderly: running operations get the configured grace, what is durable is marked so, the storage is let go. */
  close(): Promise<void>;
  /** A line for the node's log. */
  log(message: string): void;
  /** Settles with the cause when the node can no longer keep its promise and has stopped acknowledging. */
  readonly failed: Promise<Error>;
}

/**
 * Builds all parts in the order in which they need each other, claims the storage and recovers it.
 * @throws ConfigError, StorageInUseError, IndexOpenError, StoreError: nothing is left open then
 */
export async function createNode(config: Config, overrides: NodeOverrides = {}): Promise<Node> {
  checkTlsFiles(config);
  const profile = loadProfile(config.profile);
  const rejections = rejectionRules(profile, config.node.role);
  await using building = new AsyncDisposableStack();
  const paths = storagePaths(config);
  const loggers =
    overrides.loggers ??
    createLoggers({
      ...config.logging,
      stream: process.stderr,
      color: process.stderr.isTTY && (process.env['NO_COLOR'] ?? '') === '',
    });
  building.defer(() => loggers.close());
  await awaitSignOfLife(paths.lock);
  const claim = building.use(claimForNode(paths));

  const metrics = createMetrics();
  const told = createEvents(loggers, metrics, statusName);
  const { promise: failed, resolve: fail } = Promise.withResolvers<Error>();
  let failure: Error | undefined;
  // What tells peers of successes; recovery may fail before there is any.
  const speakers: (() => Promise<void>)[] = [];
  const onFatal = (error: Error): void => {
    if (failure !== undefined) return;
    failure = error;
    told.fatal(error.message, error);
    // Nobody may be told of a success any more.
    for (const silence of speakers) silence().catch((cause: unknown) => loggers.node.warn('not ended', { cause }));
    fail(error);
  };

  const forwards = config.egress.destinations.length > 0;
  const egress =
    forwards && config.egress.supervise ? new EgressSupervisor({ config, log: loggers.egress }) : undefined;
  const setEgressLevels = forwards ? createEgressMetrics(metrics.registry) : undefined;
  building.use(
    watchCertificates({
      config,
      profile,
      ends: (file, seconds) => metrics.certificateEnd.set({ file }, seconds),
      // With an archive the egress process says it, together with what else ends.
      warn: (text) => (forwards ? undefined : loggers.policy.warn(text)),
      now: Date.now,
    }),
  );
  const index = await IndexService.open({
    path: paths.database,
    readers: config.index.readers,
    queue: forwards,
    underControl: config.disclosure.enabled,
    onFatal,
    onBatch: ({ milliseconds }) => {
      metrics.commitSeconds.observe(milliseconds / 1000);
      egress?.wake();
    },
  });
  building.defer(() => index.close());
  const audit = createAudit(config, index, loggers);
  const events = audit.withAssociations(told);
  const receiving = audit.withIndex(index);
  const accessLog = createAccessLog(config, index, loggers.node, (head) => audit.signedHead(head));
  const store = await ObjectStore.open({
    root: paths.root,
    role: 'node',
    reserveBytes: config.storage.reserveBytes,
    onFatal,
    onSync: (target, ms) => metrics.fsyncSeconds.observe({ target }, ms / 1000),
  });
  let clean = false;
  building.defer(() => store.close(clean));

  const aes = await index.aeList();
  for (const warning of checkExposure(config, aes.length)) loggers.policy.warn(warning);
  if (config.node.role === 'national') {
    const organisations = await index.read('organisationList');
    loggers.node.info('national archive: keeps what the organisations of its AE register forward', {
      forwarders: aes.filter(({ services }) => services.includes('store')).length,
      organisations: organisations.length,
    });
    for (const problem of forwarderProblems(aes, organisations)) loggers.policy.warn(problem);
  }
  const recovered = await recover({
    store,
    index,
    alone: claim.alone,
    adopt: (sha256, _, known) => adoptObject({ store, index: receiving, known, rejections }, sha256),
  });
  await audit.recovered(claim.alone, recovered.dropped.length);
  claim.recovered();
  const { dropped, strays, left, unreadable } = recovered;
  loggers.store[dropped.length + strays + left.length + unreadable.length > 0 ? 'warn' : 'info']('storage checked', {
    ...recovered,
  });

  const ingest = building.use(
    createIngest({
      store,
      index: receiving,
      events,
      rejections,
      onFatal,
      clock: Date.now,
      now: () => performance.now(),
    }),
  );
  const disclosure = {
    config,
    profile,
    index,
    disclosureLog: overrides.disclosureLog ?? accessLogWriter(indexLogStore(index)),
    log: loggers.policy,
    now: overrides.now ?? Date.now,
  };
  const control = config.disclosure.enabled
    ? createDisclosure({ ...disclosure, disclosureLog: orRefused(disclosure.disclosureLog) })
    : undefined;
  const services = createServices({
    config,
    loggers,
    index,
    store,
    ingest,
    gate: accessGate({ ...disclosure, audit: audit.record }, control),
    commitmentScope: control === undefined ? undefined : commitmentScope(index, control, config.node.organisation),
    events,
    transfers: audit.transfers,
    audit: audit.record,
  });
  building.use(services);
  speakers.push(async () => services[Symbol.asyncDispose]());
  const documents = building.use(await createDocuments({ config, profile, loggers, metrics, index, store, onFatal }));
  const priors = building.use(createPriors({ config, profile, loggers, index, store, record: audit.record, onFatal }));
  const policy = createAccess(config, index, profile, loggers.policy);
  const handlers = audit.withQueries(services.handlers);
  const acceptor = new Acceptor({ ...acceptorOptions(config), policy, handlers, events });
  speakers.push(() => acceptor.close(0));
  const probe = new WriteProbe({
    folder: paths.spool,
    intervalMs: 5000,
    limitMs: 5000,
    now: () => performance.now(),
  });
  const health = new HealthServer({
    host: config.http.host,
    port: config.http.port,
    logger: loggers.http,
    report: () =>
      reportHealth({
        config,
        index,
        store,
        acceptor,
        ingest,
        audit,
        writable: () => probe.check(),
        failure: () => failure,
      }),
    metrics: async () => {
      setEgressLevels?.(await readEgressLevels(index, Date.now()));
      return metrics.scrape(() => readLevels({ config, index, store, acceptor, ingest, audit }));
    },
  });
  const directories = new AbortController();
  if (failure !== undefined) throw failure;
  const resources = building.move();

  let dicomPort = 0;
  let httpPort: number | null = null;
  let closed: Promise<void> | undefined;
  // Without the mark, on a full disk, the next start verifies what this run received last.
  const markClean = (): Promise<boolean> =>
    index.cleanMark().then(
      () => true,
      (error: unknown) => {
        loggers.node.warn('the stop could not be noted in the index: the next start checks the storage', { error });
        return false;
      },
    );
  const close = async (): Promise<void> => {
    // Whatever fails on the way, the threads end and the storage is let go.
    await using _ = resources;
    directories.abort();
    const grace = failure === undefined ? config.node.shutdownGrace : 0;
    await Promise.all([acceptor.close(grace), egress?.close(grace)]);
    await health.close();
    await Promise.all([documents[Symbol.asyncDispose](), priors[Symbol.asyncDispose]()]);
    await accessLog.close();
    await audit.close(failure);
    if (failure === undefined) clean = await markClean();
  };

  return {
    failed,
    get dicomPort() {
      return dicomPort;
    },
    get httpPort() {
      return httpPort;
    },
    async listen() {
      if (config.http.enabled) httpPort = await health.listen();
      dicomPort = (await acceptor.listen()).port;
      await services.start();
      accessLog.start();
      audit.start();
      egress?.start();
      if (control === undefined)
        loggers.policy.info(
          `disclosure.enabled is false: whoever may associate sees everything, and what they see is ${config.accessLog.withoutControl ? '' : 'not '}in the use log`,
        );
      if (!forwards) loggers.egress.info('off: egress.destination is null, nothing is forwarded');
      else if (egress === undefined)
        loggers.egress.info('left to a kuva egress of its own (egress.supervise is false)');
      documents.start();
      priors.start();
      if (config.storage.prepareDirectories) {
        void store
          .prepareDirectories(directories.signal)
          .catch((error: unknown) => loggers.store.warn('directories not made ahead', { error }));
      }
    },
    log(message) {
      loggers.node.info(message);
    },
    close: () => (closed ??= close()),
    [Symbol.asyncDispose]: () => (closed ??= close()),
  };
}
