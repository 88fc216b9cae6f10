import { readFileSync } from 'node:fs';
import { hostname } from 'node:os';
import { AssociationAudit, askerOf } from '../audit/association-audit.ts';
import { localUser } from '../audit/audit-actors.ts';
import { AuditBlockedError } from '../audit/audit-blocked-error.ts';
import { NOT_RECORDED } from '../audit/audit-record.ts';
import type { AuditRecord } from '../audit/audit-record.ts';
import { AuditRelay } from '../audit/audit-relay.ts';
import type { AuditTrail } from '../audit/audit-trail.ts';
import { applicationActivity, auditLogUsed } from '../audit/events/security-events.ts';
import { BacklogWatch, backlogAge } from '../audit/backlog-watch.ts';
import { ownAe } from '../audit/own-ae.ts';
import { ReceptionAudit } from '../audit/reception-audit.ts';
import { connectRepository } from '../audit/syslog-connection.ts';
import { syslogFrame } from '../audit/syslog-message.ts';
import { TransferAudit } from '../audit/transfer-audit.ts';
import type { Config } from '../config/schema.ts';
import type { AssociationEvents } from '../dimse/association-events.ts';
import type { ServiceHandlers } from '../dimse/service-handlers.ts';
import type { AuditBacklog } from '../index/audit/audit-types.ts';
import type { LogHead } from '../index/access-log/access-log-types.ts';
import type { IndexService } from '../index/index-service.ts';
import type { IngestEvents, ReceivingIndex } from '../ingest/ingest-types.ts';
import type { Loggers } from '../observability/loggers.ts';
import type { TransferRecord } from '../retrieve/transfer-record.ts';
import { createAuditTrail } from './create-audit-trail.ts';

/** The audit trail of a node (PS3.15 A.5), from its events to the repository. */
export interface NodeAudit {
  /** Undefined when nobody audits. */
  readonly transfers: TransferRecord | undefined;
  /** For what this node does by itself. */
  readonly record: AuditRecord;
  withAssociations<Events extends AssociationEvents & IngestEvents>(events: Events): Events;
  withQueries(handlers: ServiceHandlers): ServiceHandlers;
  /** The index as ingest uses it: each object is counted in the transaction that adds it. */
  withIndex(index: ReceivingIndex): ReceivingIndex;
  /** The use or disclosure log was signed. */
  signedHead(head: LogHead): void;
  /** Why nothing can be written down at present; undefined when it can. */
  readonly blocked: Error | undefined;
  /** Tells what an earlier run has left, and what was found on the disk; `dropped`: so many objects were not
   * whole there. `alone`: nobody else receives meanwhile. Never rejects.
   */
  recovered(alone: boolean, dropped: number): Promise<void>;
  start(): void;
  /** Writes the end down; what the repository has not got stays spooled. */
  close(failure?: Error): Promise<void>;
}

// What a lost connection may have told twice, against one handshake; some repositories are slow to write.
const PER_CONNECTION = { messages: 5000, ms: 5000, endMs: 30_000 };
// The forwarding process and the command line spool beside this process.
const IDLE_MS = 2000;

/** Nothing is audited, and nothing is kept for it. */
const NO_AUDIT: NodeAudit = {
  transfers: undefined,
  record: NOT_RECORDED,
  withAssociations: (events) => events,
  withQueries: (handlers) => handlers,
  withIndex: (index) => index,
  signedHead: () => undefined,
  blocked: undefined,
  recovered: () => Promise.resolve(),
  start: () => undefined,
  close: () => Promise.resolve(),
};

/** Does nothing when no repository is configured. */
export function createAudit(config: Config, index: IndexService, loggers: Loggers): NodeAudit {
  const { repository, enterpriseSite } = config.audit;
  if (repository === null) return NO_AUDIT;
  const log = loggers.node;
  const relay = createRelay(config, repository, index, loggers);
  const trail = createAuditTrail(config, index, log, () => relay.wake());
  const self = ownAe(config);
  const emit: AuditTrail['emit'] = (...messages) => trail.emit(...messages);
  const associations = new AssociationAudit({ self, emit, now: Date.now });
  const receptions = new ReceptionAudit({
    index,
    owner: 'node',
    self,
    source: { id: self.aet, enterpriseSite },
    spooled: () => relay.wake(),
    delayed: (error) => log.warn('what was received is not told to the audit trail yet: it stays counted', { error }),
    now: Date.now,
  });
  const watch = new BacklogWatch({
    limits: config.audit,
    backlog: () => index.read('auditBacklog'),
    events: {
      over: (waiting) => log.warn('audit messages wait for the repository: kuva log audit', facts(waiting)),
      below: (waiting) => log.info('not many audit messages wait any more', facts(waiting)),
    },
    now: Date.now,
  });
  const launcher = localUser();
  return {
    transfers: new TransferAudit({
      self,
      emit,
      patientOf: async (study) => (await index.showStudy(study))?.patientId ?? '',
      now: Date.now,
    }),
    record: async (make) => {
      if (!(await emit(...make(self)))) throw new AuditBlockedError();
    },
    withAssociations: (events) => ({
      ...events,
      ...joined(events, associations.events),
      opened: (assoc) => {
        events.opened(assoc);
        // Our own requests have no principal: the policy let nobody in.
        if (assoc.principal !== undefined) receptions.opened(assoc.id, askerOf(assoc));
        associations.events.opened(assoc);
      },
      closed: (assoc, summary) => {
        events.closed(assoc, summary);
        receptions.closed(assoc.id);
        associations.events.closed(assoc, summary);
      },
      ingested: (facts) => {
        events.ingested(facts);
        const { associationId, callingAET, address, reason } = facts;
        if (facts.result === 'refused' && associationId !== null)
          associations.refused({ associationId, callingAET, address }, reason?.code ?? '');
      },
      indexedLater: (count) => {
        events.indexedLater(count);
        receptions.indexedLater();
      },
    }),
    withQueries: (handlers) =>
      handlers.find === undefined ? handlers : { ...handlers, find: associations.withQueries(handlers.find) },
    withIndex: (receiving) => ({
      addInstance: (row, by) => receptions.add(row, by, (audited) => receiving.addInstance(audited)),
      markDurable: (instanceId) => receiving.markDurable(instanceId),
      indexedObjects: (sha256) => receiving.indexedObjects(sha256),
    }),
    signedHead: ({ log: name, note }) =>
      void emit(auditLogUsed(Date.now(), self, `kuva:${self.aet}/log/${name}`, note)),
    get blocked() {
      return trail.blocked;
    },
    async recovered(alone, dropped) {
      try {
        await receptions.tellLeft(alone ? ['node', 'import', 'recall'] : ['node'], dropped);
      } catch (error) {
        log.warn('what an earlier run received is not told to the audit trail yet: it stays counted', { error });
      }
      await receptions.settle();
    },
    start() {
      void emit(applicationActivity(Date.now(), 'start', self, launcher));
      relay.start();
      watch.start();
    },
    async close(failure) {
      watch[Symbol.dispose]();
      await receptions.settle();
      receptions[Symbol.dispose]();
      void emit(applicationActivity(Date.now(), 'stop', self, launcher, failure?.message));
      await trail.close();
      await relay.close();
    },
  };
}

function facts(backlog: AuditBacklog): { messages: number; oldestSeconds: number } {
  return { messages: backlog.messages, oldestSeconds: Math.round(backlogAge(backlog, Date.now()) / 1000) };
}

function createRelay(
  { audit: { messageId, retryFirst, retryMax } }: Config,
  { host, port, tls: files }: NonNullable<Config['audit']['repository']>,
  index: IndexService,
  { node: log }: Loggers,
): AuditRelay {
  const tls =
    files === null
      ? undefined
      : Object.fromEntries(
          Object.entries(files).flatMap(([name, file]) => (file === null ? [] : [[name, readFileSync(file)]])),
        );
  const origin = { hostname: hostname(), appName: 'kuva', processId: String(process.pid), messageId };
  return new AuditRelay({
    spool: {
      waiting: (after, limit) => index.read('auditWaiting', after, limit),
      delivered: async (id) => {
        while (!(await index.write('auditDelivered', id)));
      },
    },
    connect: (signal) => connectRepository({ host, port, tls }, signal),
    frame: ({ id, at, failed, message }) => syslogFrame(origin, { id, at, failed, text: message }),
    perConnection: PER_CONNECTION,
    idleMs: IDLE_MS,
    retry: { first: retryFirst, max: retryMax },
    events: {
      lost: (error) => log.warn(`audit record repository ${host}:${port} not reached: messages wait`, { error }),
      back: () => log.info(`audit record repository ${host}:${port} reached again`),
    },
    now: () => performance.now(),
  });
}

/** Both are told, the log first. */
function joined(
  first: AssociationEvents,
  second: AssociationAudit['events'],
): Pick<AssociationEvents, 'rejected' | 'dropped' | 'suspicious'> {
  return {
    rejected: (info) => (first.rejected(info), second.rejected(info)),
    dropped: (peer, outcome, cause) => (first.dropped(peer, outcome, cause), second.dropped(peer, outcome, cause)),
    suspicious: (peer, kind) => (first.suspicious(peer, kind), second.suspicious(peer, kind)),
  };
}
