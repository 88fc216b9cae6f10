import { readFileSync } from 'node:fs';
import { hostname } from 'node:os';
import { localUser } from '../audit/audit-actors.ts';
import { AssociationAudit } from '../audit/association-audit.ts';
import type { AuditMessage } from '../audit/audit-message.ts';
import { AuditRelay } from '../audit/audit-relay.ts';
import { applicationActivity, auditLogUsed } from '../audit/events/security-events.ts';
import { studyDeleted } from '../audit/events/transfer-events.ts';
import type { AuditTrail } from '../audit/audit-trail.ts';
import { ownAe } from '../audit/own-ae.ts';
import { connectRepository } from '../audit/syslog-connection.ts';
import { syslogFrame } from '../audit/syslog-message.ts';
import { TransferAudit } from '../audit/transfer-audit.ts';
import type { Config } from '../config/schema.ts';
import type { AssociationEvents } from '../dimse/association-events.ts';
import type { ServiceHandlers } from '../dimse/service-handlers.ts';
import type { LogHead } from '../index/access-log/access-log-types.ts';
import type { IndexService } from '../index/index-service.ts';
import type { NewInstance } from '../index/index-types.ts';
import type { RejectionNote } from '../index/rejections/rejection-types.ts';
import type { IngestEvents, ReceivingIndex } from '../ingest/ingest-types.ts';
import type { Loggers } from '../observability/loggers.ts';
import type { TransferRecord } from '../retrieve/transfer-record.ts';
import { createAuditTrail } from './create-audit-trail.ts';

/** The audit trail of a node (PS3.15 A.5), from its events to the repository. */
export interface NodeAudit {
  readonly transfers: TransferRecord;
  withAssociations<Events extends AssociationEvents & IngestEvents>(events: Events): Events;
  withQueries(handlers: ServiceHandlers): ServiceHandlers;
  /** The index as ingest uses it, so that it is known of which study what was acknowledged is. */
  withIndex(index: ReceivingIndex): ReceivingIndex;
  /** The use or disclosure log was signed. */
  signedHead(head: LogHead): void;
  start(): void;
  /** Writes the end down; what the repository has not got stays spooled. */
  close(failure?: Error): Promise<void>;
}

// What a lost connection may have told twice, against one handshake; some repositories are slow to write.
const PER_CONNECTION = { messages: 5000, ms: 5000, endMs: 30_000 };
// The forwarding process and the command line spool beside this process.
const IDLE_MS = 2000;

/** Undefined when no repository is configured. */
export function createAudit(config: Config, index: IndexService, loggers: Loggers): NodeAudit | undefined {
  const { repository, messageId, retryFirst, retryMax } = config.audit;
  if (repository === null) return undefined;
  const log = loggers.node;
  const { host, port } = repository;
  const tls =
    repository.tls === null
      ? undefined
      : Object.fromEntries(
          Object.entries(repository.tls).flatMap(([name, file]) => (file === null ? [] : [[name, readFileSync(file)]])),
        );
  const origin = { hostname: hostname(), appName: 'kuva', processId: String(process.pid), messageId };
  const relay = new AuditRelay({
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
  const trail = createAuditTrail(config, index, log, () => relay.wake());
  const self = ownAe(config);
  const emit: AuditTrail['emit'] = (...messages) => trail.emit(...messages);
  const associations = new AssociationAudit({ self, emit, now: Date.now });
  const launcher = localUser();
  const added = new Map<string, NewInstance>();
  return {
    transfers: new TransferAudit({
      self,
      emit,
      patientOf: async (study) => (await index.showStudy(study))?.patientId ?? '',
      now: Date.now,
    }),
    withAssociations: (events) => ({
      ...events,
      ...joined(events, associations.events),
      ingested: (facts) => {
        events.ingested(facts);
        const instance = added.get(facts.sopInstanceUid);
        added.delete(facts.sopInstanceUid);
        if (facts.associationId === null) return;
        if (facts.result === 'refused') return associations.refused(facts.associationId, facts.reason?.code ?? '');
        if (instance === undefined) return;
        if (facts.result === 'new' && instance.rejects !== undefined)
          void emit(...rejected(instance, instance.rejects));
        associations.kept(facts.associationId, {
          studyInstanceUid: textOf(instance, 'StudyInstanceUID'),
          patientId: textOf(instance, 'PatientID'),
          sopClassUid: facts.sopClassUid,
        });
      },
    }),
    withQueries: (handlers) =>
      handlers.find === undefined ? handlers : { ...handlers, find: associations.withQueries(handlers.find) },
    withIndex: (receiving) => ({
      addInstance: (instance) => {
        added.set(instance.sopInstanceUid, instance);
        return receiving.addInstance(instance);
      },
      markDurable: (instanceId) => receiving.markDurable(instanceId),
      indexedObjects: (sha256) => receiving.indexedObjects(sha256),
    }),
    signedHead: ({ log: name, note }) =>
      void emit(auditLogUsed(Date.now(), self, `kuva:${self.aet}/log/${name}`, note)),
    start() {
      void emit(applicationActivity(Date.now(), 'start', self, launcher));
      relay.start();
    },
    async close(failure) {
      void emit(applicationActivity(Date.now(), 'stop', self, launcher, failure?.message));
      await trail.close();
      await relay.close();
    },
  };
}

/** What a rejection note took out of regular use, a study at a time. */
function rejected(note: NewInstance, { code, references }: RejectionNote): AuditMessage[] {
  const studies = Map.groupBy(references, ({ studyInstanceUid }) => studyInstanceUid);
  return [...studies].map(([studyInstanceUid, objects]) =>
    studyDeleted({
      at: note.receivedAt,
      by: { aet: note.callingAET },
      study: { studyInstanceUid, patientId: textOf(note, 'PatientID'), sopClasses: [] },
      why: `${objects.length} objects named by rejection note ${note.sopInstanceUid} (${code})`,
    }),
  );
}

function textOf({ header }: NewInstance, keyword: string): string {
  const value = header.attributes[keyword];
  return typeof value === 'string' ? value : '';
}

/** Both are told, the log first. */
function joined(
  first: AssociationEvents,
  second: AssociationAudit['events'],
): Pick<AssociationEvents, keyof AssociationAudit['events']> {
  return {
    opened: (assoc) => (first.opened(assoc), second.opened(assoc)),
    rejected: (info) => (first.rejected(info), second.rejected(info)),
    closed: (assoc, summary) => (first.closed(assoc, summary), second.closed(assoc, summary)),
    dropped: (peer, outcome, cause) => (first.dropped(peer, outcome, cause), second.dropped(peer, outcome, cause)),
    suspicious: (peer, kind) => (first.suspicious(peer, kind), second.suspicious(peer, kind)),
  };
}
