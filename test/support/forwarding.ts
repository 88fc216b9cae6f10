import { onTestFinished } from 'vitest';
import { DEFAULT_PROFILE, shippedFile } from '../../src/config/shipped-files.ts';
import { UID } from '../../src/dicom/uids.ts';
import { Acceptor } from '../../src/dimse/acceptor.ts';
import type { AssociationEvents } from '../../src/dimse/association-events.ts';
import { DEFAULT_ASSOCIATION_LIMITS, DEFAULT_ASSOCIATION_TIMEOUTS } from '../../src/dimse/association-limits.ts';
import { reportInbox } from '../../src/egress/commitment/report-inbox.ts';
import { ReportTaker } from '../../src/egress/commitment/report-taker.ts';
import { Forwarder } from '../../src/egress/forwarder.ts';
import { JobStore } from '../../src/egress/queue/job-store.ts';
import { DestinationLink } from '../../src/egress/send/destination-link.ts';
import { StatusVerdicts } from '../../src/egress/send/status-verdict.ts';
import type { QueueJob } from '../../src/index/egress/egress-types.ts';
import { openQueuedIndex } from '../../src/index/test-support/queue-fixture.ts';
import { createIngest } from '../../src/ingest.ts';
import { rejectionRules } from '../../src/ingest/rejection-rules.ts';
import { access } from '../../src/policy/access-fixture.ts';
import { loadProfile } from '../../src/profile/load-profile.ts';
import type { Profile } from '../../src/profile/profile.ts';
import { DigestCheck } from '../../src/retrieve/digest-check.ts';
import { createReportReceiver } from '../../src/services/commitment/report-receiver.ts';
import { createPeerConnector } from '../../src/services/peer-connector.ts';
import { SimArchive } from '../../src/sim/sim-archive.ts';
import type { SimEvent } from '../../src/sim/sim-events.ts';
import { readRule } from '../../src/sim/sim-script.ts';
import { openStore } from './store-tree.ts';
import { syntheticDataSet } from './synthetic-object.ts';
import type { SyntheticObject } from './synthetic-object.ts';
import { tempDir } from './temp-dir.ts';

export interface ForwardingWishes {
  /** of `kuva sim archive --rule` */
  readonly rules?: readonly string[];
  /** where reports on a new association go */
  readonly peers?: readonly (readonly [aet: string, port: number])[];
  /** an archive that listens elsewhere, in place of the simulated one */
  readonly port?: number;
  /** where this side listens for reports on associations of the archive */
  readonly listen?: number;
  /** ms that the archive may take for an answer */
  readonly response?: number;
  readonly schedule?: DestinationLink['destination']['schedule'];
  readonly bandwidth?: number;
  readonly maxInstances?: number;
  readonly sameAssociationWait?: number;
  readonly profile?: (profile: Profile['egress']) => Profile['egress'];
}

const shipped = loadProfile(shippedFile(DEFAULT_PROFILE));

/** Index, object store, forwarder and a simulated archive in one process, with a clock that a test moves. */
export async function forwarding(wishes: ForwardingWishes = {}) {
  const dir = await tempDir('kuva-forward-');
  onTestFinished(() => dir[Symbol.asyncDispose]());
  const queue = openQueuedIndex(dir.file('index.db'));
  const { index, now } = queue;
  const objects = await openStore(dir.file('storage'));
  onTestFinished(() => objects.close(false));
  const heard: SimEvent[] = [];
  const archive = new SimArchive({
    host: '127.0.0.1',
    port: 0,
    tls: undefined,
    keeping: 'memory',
    script: { full: false, rules: (wishes.rules ?? []).map(readRule) },
    peers: new Map((wishes.peers ?? []).map(([aet, port]) => [aet, { host: '127.0.0.1', port, tls: false }])),
    tell: (event) => heard.push(event),
    now: () => performance.now(),
  });
  const port = wishes.port ?? (await archive.listen());
  onTestFinished(() => archive[Symbol.asyncDispose]());

  const happened: string[] = [];
  let answers = 0;
  const events = {
    answered: () => void answers++,
    sent: () => {},
    trouble: (_job: QueueJob, { code }: { code: string }) => void happened.push(code),
    waits: () => {},
    held: () => {},
    archived: () => {},
    report: ({ outcome }: { outcome: string }) => void happened.push(`report ${outcome}`),
  };
  const profile = (wishes.profile ?? ((same) => same))(shipped.egress);
  const store = new JobStore(index, now);
  const reports = new ReportTaker({
    index,
    store,
    archives: new Map([['national', 'ARCHIVE']]),
    policy: profile.commitment,
    events,
    resendAt: now,
    moved: () => {},
  });
  const inbox = reportInbox(index, () => void reports.take().catch(() => undefined));
  const link = new DestinationLink({
    destination: {
      name: 'national',
      aeTitle: 'ARCHIVE',
      host: '127.0.0.1',
      port,
      tls: false,
      callingAeTitle: null,
      window: 2,
      bandwidth: wishes.bandwidth ?? null,
      schedule: wishes.schedule ?? [],
    },
    breaker: { threshold: 3, openFor: 1000, maxOpenFor: 4000 },
    timeZone: profile.timeZone,
    connect: createPeerConnector({
      maxPduLength: 131_072,
      timeouts: { ...DEFAULT_ASSOCIATION_TIMEOUTS, response: wishes.response ?? 5000 },
      tls: undefined,
      events: {},
    }),
    handlers: { eventReport: createReportReceiver(inbox, 'same', now) },
    now,
    sleep: (ms) => Promise.resolve(queue.pass(ms)),
  });
  const outgoing: string[] = [];
  const forwarder = new Forwarder({
    index,
    store,
    objects,
    digests: new DigestCheck({
      enabled: true,
      verify: (sha256, size) => objects.verify(sha256, size),
      damaged: () => {},
    }),
    verdicts: new StatusVerdicts(profile),
    events,
    outgoing: {
      begin: async (job, instances) => {
        outgoing.push(`begin ${instances.length}`);
        return async (failed, reason) => void outgoing.push(`${job.destination}: ${failed} failed: ${reason}`);
      },
    },
    now,
    links: new Map([['national', link]]),
    reports,
    commitment: {
      maxInstances: wishes.maxInstances ?? 1000,
      sameAssociationWait: wishes.sameAssociationWait ?? 5000,
      answerWithin: 3_600_000,
    },
    retry: [{ times: 20, delay: 60_000 }],
    random: () => 0.5,
    profile,
  });
  const ingest = createIngest({
    store: objects,
    index,
    events: { ingested: () => {}, unindexed: () => {}, indexedLater: () => {} },
    onFatal: () => {},
    rejections: rejectionRules(shipped, 'organisation'),
    clock: now,
    now: () => performance.now(),
  });
  onTestFinished(() => ingest[Symbol.dispose]());

  const latest = async (study: string): Promise<QueueJob> => {
    const job = (await queue.jobs(study)).at(-1);
    if (job === undefined) throw new Error(`no job for ${study}`);
    return job;
  };
  const due = async (study: string): Promise<QueueJob> => {
    const job = await latest(study);
    if (job.state === 'HELD') {
      await index.write('queueReevaluate', ['*'], now(), 'test');
      await queue.queueAll();
      return latest(study);
    }
    if (job.nextAttemptAt > now()) queue.pass(job.nextAttemptAt - now());
    if (job.state !== 'RETRY_WAIT' || job.resumeState === null) return latest(study);
    return store.move(job, { to: job.resumeState, code: 'DUE', reason: '' });
  };

  const listen = async (own: number): Promise<void> => {
    const acceptor = new Acceptor({
      host: '127.0.0.1',
      port: own,
      maxPduLength: 131_072,
      limits: DEFAULT_ASSOCIATION_LIMITS,
      timeouts: DEFAULT_ASSOCIATION_TIMEOUTS,
      policy: access({ archives: [{ aet: 'ARCHIVE', host: '127.0.0.1' }] }, []).policy,
      handlers: {
        eventReport: createReportReceiver(
          reportInbox(index, () => {}),
          'new',
          now,
        ),
      },
      events: new Proxy({}, { get: () => () => undefined }) as AssociationEvents,
    });
    await acceptor.listen();
    onTestFinished(() => acceptor.close(0));
  };
  if (wishes.listen !== undefined) await listen(wishes.listen);

  return {
    ...queue,
    listen,
    archive,
    heard,
    happened,
    /** What the audit trail was told of objects that left. */
    outgoing,
    store,
    objects,
    reports,
    inbox,
    link,
    forwarder,
    root: dir.file('storage'),
    port,
    latest,
    /** Receives an object as a peer would send it. */
    async receive(object: SyntheticObject): Promise<void> {
      const { sopClassUid = UID.CTImageStorage, transferSyntaxUid = UID.ExplicitVRLittleEndian, sop } = object;
      const sink = ingest.begin(
        { callingAET: 'CT1', address: '127.0.0.1', organisation: 'district', associationId: 1 },
        { sopClassUid, sopInstanceUid: sop, transferSyntaxUid },
      );
      if (!sink.write(syntheticDataSet(object))) await sink.drained();
      const status = await sink.finish();
      if (status.code !== 0) throw new Error(`refused: ${status.code}`);
    },
    /** Runs the job of the study's latest version as it is now; after waits the clock stands where it is due. */
    async run(study: string, signal: AbortSignal = new AbortController().signal): Promise<QueueJob> {
      await forwarder.run(await due(study), signal);
      return latest(study);
    },
    instances: async (study: string) => index.read('queueInstances', (await latest(study)).id),
    /** C-STORE answers of the archive that have arrived. */
    answers: () => answers,
    /** Events of one kind that the archive told of. */
    told: (event: SimEvent['event']) => heard.filter((each) => each.event === event),
  };
}
