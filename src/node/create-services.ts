import type { AuditRecord } from '../audit/audit-record.ts';
import type { Config } from '../config/schema.ts';
import { Archives } from '../egress/archive/archives.ts';
import { ArchiveRecall } from '../egress/evict/archive-recall.ts';
import type { AssociationEvents } from '../dimse/association-events.ts';
import type { ServiceHandlers } from '../dimse/service-handlers.ts';
import { reportInbox } from '../egress/commitment/report-inbox.ts';
import type { IndexService } from '../index/index-service.ts';
import type { Ingest } from '../ingest.ts';
import type { Loggers } from '../observability/loggers.ts';
import { DigestCheck } from '../retrieve/digest-check.ts';
import type { DigestCheckOptions } from '../retrieve/digest-check.ts';
import type { DisclosureGate } from '../retrieve/disclosure-gate.ts';
import type { TransferRecord } from '../retrieve/transfer-record.ts';
import { createEcho } from '../services/c-echo.ts';
import { createFind } from '../services/c-find.ts';
import { createGet } from '../services/c-get.ts';
import { createMove } from '../services/c-move.ts';
import { createStore } from '../services/c-store.ts';
import { createReportReceiver } from '../services/commitment/report-receiver.ts';
import { createPeerConnector } from '../services/peer-connector.ts';
import type { CommitmentIndex } from '../services/commitment/commitment-check.ts';
import { createStorageCommitment } from '../services/storage-commitment.ts';
import type { ObjectStore } from '../store/object-store.ts';
import { tlsOptions } from './acceptor-options.ts';
import { inspectObjects } from './inspect-objects.ts';

export interface ServiceParts {
  readonly config: Config;
  readonly loggers: Loggers;
  readonly index: IndexService;
  readonly store: ObjectStore;
  readonly ingest: Ingest;
  readonly gate: DisclosureGate;
  /** What storage commitment may tell; undefined: all. */
  readonly commitmentScope: ((callingAET: string) => CommitmentIndex) | undefined;
  readonly events: Partial<AssociationEvents> &
    Pick<DigestCheckOptions, 'damaged'> & { found(level: string, ms: number): void };
  /** The audit trail of what leaves; undefined when nobody audits. */
  readonly transfers: TransferRecord | undefined;
  /** The audit trail of what is asked of archives. */
  readonly audit: AuditRecord;
}

/** The services behind an association, and the storage commitment worker that outlives it. */
export interface Services extends AsyncDisposable {
  readonly handlers: ServiceHandlers;
  /** Takes up what an earlier run left. */
  start(): Promise<void>;
}

export function createServices({
  config,
  loggers,
  index,
  store,
  ingest,
  gate,
  commitmentScope,
  events,
  transfers,
  audit,
}: ServiceParts): Services {
  const { retrieve, commitment } = config;
  const digests = new DigestCheck({
    enabled: retrieve.checkDigest,
    verify: (sha256, size) => store.verify(sha256, size),
    damaged: events.damaged,
  });
  const { recode, pendingInterval } = retrieve;
  const connect = createPeerConnector({
    maxPduLength: config.dicom.maxPduLength,
    timeouts: config.dicom.timeouts,
    tls: tlsOptions(config),
    events,
  });
  const recall = new ArchiveRecall({
    index,
    objects: store,
    archives: new Archives(config, connect),
    ingest,
    ownAet: config.node.aeTitle,
    pendingInterval,
    record: audit,
    now: Date.now,
    log: (message, facts) => loggers.retrieve.info(message, facts),
  });
  const reading = { index, gate, objects: store, digests, recode, pendingInterval, transfers, recall };
  const committing = createStorageCommitment({
    store: index,
    index,
    ...(commitmentScope === undefined ? {} : { indexFor: commitmentScope }),
    objects: inspectObjects(store),
    checkDigest: commitment.checkDigest,
    register: index,
    connect,
    policy: { first: commitment.retryFirst, max: commitment.retryMax, giveUpAfter: commitment.giveUpAfter },
    log: loggers.commitment,
    now: Date.now,
    random: Math.random,
  });
  return {
    handlers: {
      echo: createEcho(),
      store: createStore({ ingest }),
      find: createFind({
        index,
        gate,
        limit: config.index.findLimit,
        retrieveAet: config.node.aeTitle,
        answered: events.found,
        now: () => performance.now(),
      }),
      move: createMove({
        ...reading,
        register: index,
        connect,
        maxSubAssociations: retrieve.maxSubAssociations,
        log: loggers.retrieve,
      }),
      get: createGet({ ...reading, now: Date.now }),
      action: committing.action,
      ...(config.egress.destinations.length === 0
        ? {}
        : // The process that forwards learns of it as of everything that is written to the index.
          {
            eventReport: createReportReceiver(
              reportInbox(index, () => {}),
              'new',
              Date.now,
            ),
          }),
    },
    start: () => committing.start(),
    [Symbol.asyncDispose]: () => committing[Symbol.asyncDispose](),
  };
}
