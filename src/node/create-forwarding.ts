import { setTimeout as sleep } from 'node:timers/promises';
import type { Config } from '../config/schema.ts';
import { storagePaths } from '../config/storage-paths.ts';
import { reportInbox } from '../egress/commitment/report-inbox.ts';
import { ReportTaker } from '../egress/commitment/report-taker.ts';
import { Forwarder } from '../egress/forwarder.ts';
import type { DestinationGate, JobRunner, ReportDesk } from '../egress/queue/job-runner.ts';
import { JobStore } from '../egress/queue/job-store.ts';
import { backOff } from '../egress/send/back-off.ts';
import { DestinationLink } from '../egress/send/destination-link.ts';
import { forwardLog } from '../egress/send/forward-log.ts';
import type { OutgoingRecord } from '../egress/send/outgoing-record.ts';
import { StatusVerdicts } from '../egress/send/status-verdict.ts';
import type { QueueJob } from '../index/egress/egress-types.ts';
import type { IndexService } from '../index/index-service.ts';
import type { Logger } from '../observability/loggers.ts';
import type { Profile } from '../profile/profile.ts';
import { DigestCheck } from '../retrieve/digest-check.ts';
import type { ObjectSource } from '../retrieve/object-source.ts';
import { createReportReceiver } from '../services/commitment/report-receiver.ts';
import { createPeerConnector, type PeerConnector } from '../services/peer-connector.ts';
import type { ObjectReader } from '../store/reading/object-reader.ts';
import { StoredObjects } from '../transfer/stored-objects.ts';
import { tlsOptions } from './acceptor-options.ts';

export interface ForwardingParts {
  readonly config: Config;
  readonly profile: Profile;
  readonly index: IndexService;
  readonly log: Logger;
  /** Jobs have moved without the engine: it should look. */
  readonly moved: () => void;
  readonly outgoing: OutgoingRecord | undefined;
  readonly reader: ObjectReader;
}

/** What the engine needs to have jobs carried out. */
export interface Forwarding {
  readonly runner: JobRunner;
  readonly gate: DestinationGate;
  readonly reports: ReportDesk;
  /** For questions to the archives, beside what is forwarded. */
  readonly connect: PeerConnector;
}

/** The way of jobs to the archives, with one link for each destination. */
export function createForwarding({
  config,
  profile,
  index,
  log,
  moved,
  outgoing,
  reader,
}: ForwardingParts): Forwarding {
  const { egress } = config;
  const now = Date.now;
  const store = new JobStore(index, now);
  const events = forwardLog(log);
  const reports = new ReportTaker({
    index,
    store,
    archives: new Map(egress.destinations.map(({ name, aeTitle }) => [name, aeTitle])),
    policy: profile.egress.commitment,
    events,
    // At once the first time: an object that an archive has lost is sent again, as any other that it never had.
    resendAt: ({ attempts }: QueueJob) =>
      attempts === 0 ? now() : now() + (backOff(egress.retry, attempts, Math.random) ?? 0),
    moved,
  });
  const take = (): void => {
    reports
      .take()
      .catch((error: unknown) => log.error('a storage commitment report cannot be taken', { cause: String(error) }));
  };
  const connect = createPeerConnector({
    maxPduLength: config.dicom.maxPduLength,
    timeouts: config.dicom.timeouts,
    tls: tlsOptions(config),
    events: {},
  });
  const handlers = { eventReport: createReportReceiver(reportInbox(index, take), 'same', now) };
  const links = new Map(
    egress.destinations.map((destination) => [
      destination.name,
      new DestinationLink({
        destination,
        breaker: egress.breaker,
        timeZone: profile.egress.timeZone,
        connect,
        handlers,
        now,
        sleep: (milliseconds, signal) => sleep(milliseconds, undefined, { signal }),
      }),
    ]),
  );
  const stored = new StoredObjects(storagePaths(config));
  const runner = new Forwarder({
    index,
    store,
    objects: readableObjects(stored, reader),
    digests: new DigestCheck({
      enabled: true,
      verify: (sha256, size) => stored.verify(sha256, size, () => undefined, new AbortController().signal),
      damaged: ({ sha256, sopInstanceUid }) => log.error('a kept file is damaged', { sha256, sopInstanceUid }),
    }),
    verdicts: new StatusVerdicts(profile.egress),
    profile: profile.egress,
    events,
    outgoing,
    now,
    links,
    reports,
    commitment: egress.commitment,
    retry: egress.retry,
    random: Math.random,
  });
  return {
    runner,
    gate: {
      mayBegin: (job) => links.get(job.destination)?.mayBegin(job) ?? false,
      refusedTitles: (destination) => links.get(destination)?.refusedTitles() ?? [],
      report: (destination) => links.get(destination)?.report() ?? CLOSED,
      probeNow: (destination) => links.get(destination)?.probeNow(),
    },
    reports,
    connect,
  };
}

const CLOSED = { state: 'closed', failures: 0, probeAt: null, cause: '' } as const;

/** The object tree, read as the store reads it: without marks and spool, since the node that receives has those. */
function readableObjects(stored: Pick<StoredObjects, 'pathOf'>, reader: ObjectReader): ObjectSource {
  return {
    read: async (sha256, size, hashed) => reader.read(stored.pathOf(sha256), size, hashed),
    stream: (sha256, size, hashed) => reader.stream(stored.pathOf(sha256), size, hashed),
  };
}
