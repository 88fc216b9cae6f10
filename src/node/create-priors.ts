import type { AuditAe } from '../audit/audit-actors.ts';
import type { AuditMessage } from '../audit/audit-message.ts';
import type { AuditRecord } from '../audit/audit-record.ts';
import type { AuditedStudy } from '../audit/events/study-objects.ts';
import { instancesAccessed, studyDeleted } from '../audit/events/transfer-events.ts';
import type { Config } from '../config/schema.ts';
import { claimForExpiry } from '../config/storage-claim.ts';
import { StorageInUseError } from '../config/storage-lock.ts';
import { storagePaths } from '../config/storage-paths.ts';
import { TaskLoop } from '../documents/task-loop.ts';
import { Archives } from '../egress/archive/archives.ts';
import type { IndexService } from '../index/index-service.ts';
import type { Loggers } from '../observability/loggers.ts';
import { PRIOR_CONTEXTS } from '../priors/archive-query.ts';
import { expireCopies } from '../priors/expire-copies.ts';
import { fulfilPriorWishes } from '../priors/prior-wishes.ts';
import type { Profile } from '../profile/profile.ts';
import { createPeerConnector } from '../services/peer-connector.ts';
import type { ObjectStore } from '../store/object-store.ts';
import { tlsOptions } from './acceptor-options.ts';

export interface PriorParts {
  readonly config: Config;
  readonly profile: Profile;
  readonly loggers: Loggers;
  readonly index: IndexService;
  readonly store: Pick<ObjectStore, 'remove'>;
  readonly record: AuditRecord;
  readonly onFatal: (error: Error) => void;
}

/** Fetches earlier studies for new requests, and removes copies whose time is over. Disposed before store and index. */
export function createPriors({ config, profile, loggers, index, store, record, onFatal }: PriorParts): TaskLoop {
  const { archive, onRequest, keepCopies, maxStudies, tellAsker } = config.priors;
  const log = loggers.documents;
  const archives = new Archives(
    config,
    createPeerConnector({
      maxPduLength: config.dicom.maxPduLength,
      timeouts: config.dicom.timeouts,
      tls: tlsOptions(config),
      events: {},
    }),
  );
  const wishes = {
    index,
    profile,
    open: (signal: AbortSignal) =>
      archives.open({ destination: archive ?? '', callingAet: '', contexts: PRIOR_CONTEXTS }, signal),
    archive: archive ?? '',
    archiveAet: archive === null ? '' : archives.aetOf(archive),
    archiveHost: archive === null ? '' : archives.hostOf(archive),
    record,
    ownAet: config.node.aeTitle,
    keepMs: keepCopies,
    maxStudies,
    ...(tellAsker ? {} : { claim: null }),
    clock: Date.now,
    onDone: ({ fetched }: { fetched: number }) => log.info('earlier studies fetched for a request', { fetched }),
    onFailure: (facts: { reason: string; attempts: number; givenUp: boolean }) =>
      log.warn('earlier studies not fetched for a request', facts),
  };
  return new TaskLoop({
    tasks: [
      async (signal) => {
        const now = Date.now();
        const due = [await index.read('studyCopiesExpired', now, 1), await index.read('copyFilesLeaving', 1)];
        if (due.flat().length === 0) return;
        // What an import is keeping is not known here: the copies go when it has ended.
        using claim = claimUnlessImporting(config);
        if (claim === undefined) return;
        await expireCopies({
          index,
          objects: store,
          removing: async ({ studyInstanceUid, objects, isAll }) => {
            const patientId = (await index.showStudy(studyInstanceUid))?.patientId ?? '';
            await record((self) => [expired(self, { studyInstanceUid, patientId, sopClasses: [] }, objects, isAll)]);
          },
          aetOf: (source) => config.egress.destinations.find(({ name }) => name === source)?.aeTitle,
          now,
          signal,
          onForeign: (facts) => log.warn('an expired copy has objects that the archive did not send: they stay', facts),
        });
      },
      async (signal) => {
        if (archive !== null && onRequest) await fulfilPriorWishes(wishes, signal);
      },
    ],
    intervalMs: config.documents.pollInterval,
    onFailure: (error) => log.warn('earlier studies could not be looked after, tried again', { error }),
    onFatal,
  });
}

function expired(self: AuditAe, study: AuditedStudy, objects: number, isAll: boolean): AuditMessage {
  const facts = {
    at: Date.now(),
    by: self,
    study,
    why: `the time of this copy is over: ${objects} objects are removed`,
  };
  return isAll ? studyDeleted(facts) : instancesAccessed({ ...facts, action: 'D' });
}

function claimUnlessImporting(config: Config): Disposable | undefined {
  try {
    return claimForExpiry(storagePaths(config));
  } catch (error) {
    if (error instanceof StorageInUseError) return undefined;
    throw error;
  }
}
