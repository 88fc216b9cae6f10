import { documentAudit } from '../audit/document-audit.ts';
import type { Config } from '../config/schema.ts';
import { storagePaths } from '../config/storage-paths.ts';
import { DocumentRegister } from '../documents/document-register.ts';
import { TaskLoop } from '../documents/task-loop.ts';
import type { LoopTask } from '../documents/task-loop.ts';
import { drainOutbox } from '../documents/drain-outbox.ts';
import { DropFolder } from '../documents/drop-folder.ts';
import { ObjectFollower } from '../documents/object-follower.ts';
import { readObject } from '../documents/read-object.ts';
import { reconcileRules } from '../documents/reconcile-rules.ts';
import { OverdueAlarm } from '../documents/overdue-alarm.ts';
import type { IndexService } from '../index/index-service.ts';
import type { Loggers } from '../observability/loggers.ts';
import type { Metrics } from '../observability/metrics.ts';
import type { Profile } from '../profile/profile.ts';
import { DocumentStore } from '../store/document-store.ts';
import type { ObjectStore } from '../store/object-store.ts';

export interface DocumentParts {
  readonly config: Config;
  readonly profile: Profile;
  readonly loggers: Loggers;
  readonly metrics: Pick<Metrics, 'documents' | 'reconcileItems' | 'reconcileOverdue'>;
  readonly index: IndexService;
  readonly store: Pick<ObjectStore, 'open'>;
  readonly onFatal: (error: Error) => void;
}

/** What the node does for care documents beside answering associations. Disposed before store and index. */
export async function createDocuments({
  config,
  profile,
  loggers,
  metrics,
  index,
  store,
  onFatal,
}: DocumentParts): Promise<TaskLoop> {
  const { dropFolder, pollInterval, settle } = config.documents;
  const log = loggers.documents;
  const files = await DocumentStore.open(storagePaths(config).documents);
  const rules = reconcileRules(profile);
  const register = new DocumentRegister({
    index,
    files,
    profile,
    ownRegistersOnly: config.node.role === 'national',
    fetchPriors: config.priors.onRequest,
    audited: documentAudit(config),
    clock: Date.now,
  });
  const told = (way: 'drop' | 'dicom') => (result: 'new' | 'duplicate' | 'refused', reason: string | undefined) => {
    metrics.documents.inc({ way, result });
    if (reason === undefined) log.info(`document ${result}`, { way });
    else log.warn('document refused', { way, reason });
  };
  const follower = new ObjectFollower({
    index,
    register,
    rules,
    readObject: (sha256) => readObject(store, sha256),
    onDocument: told('dicom'),
    clock: Date.now,
  });
  const alarm = new OverdueAlarm({
    index,
    deadlineMs: profile.documents.deadlineHours * 3_600_000,
    clock: Date.now,
    onCount: ({ kind, items, overdue }) => {
      metrics.reconcileItems.set({ kind }, items);
      metrics.reconcileOverdue.set({ kind }, overdue);
    },
    onOverdue: (counts) => log.warn('work that waits longer than the deadline: kuva reconcile list --overdue', counts),
  });
  const tasks: LoopTask[] = [
    (signal) => follower.run(signal),
    () => drainOutbox(index, rules, Date.now()),
    () => alarm.look(),
  ];
  if (dropFolder !== null) {
    const drop = new DropFolder({
      folder: dropFolder,
      register,
      settleMs: settle,
      clock: Date.now,
      onFile: told('drop'),
    });
    tasks.unshift(async (signal) => {
      await drop.prepare();
      return drop.scan(signal);
    });
  }
  return new TaskLoop({
    tasks,
    intervalMs: pollInterval,
    onFailure: (error) => log.warn('care documents could not be looked at, tried again', { error }),
    onFatal,
  });
}
