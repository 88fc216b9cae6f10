import type { Config } from '../config/schema.ts';
import { storagePaths } from '../config/storage-paths.ts';
import { DocumentRegister } from '../documents/document-register.ts';
import { DocumentWorker } from '../documents/document-worker.ts';
import type { DocumentTask } from '../documents/document-worker.ts';
import { drainOutbox } from '../documents/drain-outbox.ts';
import { DropFolder } from '../documents/drop-folder.ts';
import { EncapsulatedIntake } from '../documents/encapsulated-intake.ts';
import type { IndexService } from '../index/index-service.ts';
import type { Loggers } from '../observability/loggers.ts';
import type { Metrics } from '../observability/metrics.ts';
import { loadProfile } from '../profile/load-profile.ts';
import { DocumentStore } from '../store/document-store.ts';
import type { ObjectStore } from '../store/object-store.ts';
import { nodeStoreFs } from '../store/store-fs.ts';

export interface DocumentParts {
  readonly config: Config;
  readonly loggers: Loggers;
  readonly metrics: Pick<Metrics, 'documents'>;
  readonly index: IndexService;
  readonly store: Pick<ObjectStore, 'open'>;
  readonly onFatal: (error: Error) => void;
}

/** What the node does for care documents beside answering associations. Disposed before store and index. */
export async function createDocuments({
  config,
  loggers,
  metrics,
  index,
  store,
  onFatal,
}: DocumentParts): Promise<DocumentWorker> {
  const { dropFolder, pollInterval, settle } = config.documents;
  const log = loggers.documents;
  const files = await DocumentStore.open(storagePaths(config).documents);
  const register = new DocumentRegister({ index, files, profile: loadProfile(config.profile), clock: Date.now });
  const told = (way: 'drop' | 'dicom') => (result: 'new' | 'duplicate' | 'refused', reason: string | undefined) => {
    metrics.documents.inc({ way, result });
    if (reason === undefined) log.info(`document ${result}`, { way });
    else log.warn('document refused', { way, reason });
  };
  const intake = new EncapsulatedIntake({
    index,
    register,
    readObject: (sha256, size) => readObject(store, sha256, size),
    onDocument: told('dicom'),
    clock: Date.now,
  });
  const tasks: DocumentTask[] = [(signal) => intake.run(signal), () => drainOutbox(index, Date.now())];
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
  return new DocumentWorker({
    tasks,
    intervalMs: pollInterval,
    onFailure: (error) => log.warn('care documents could not be looked at, tried again', { error }),
    onFatal,
  });
}

async function readObject(store: Pick<ObjectStore, 'open'>, sha256: string, size: number): Promise<Buffer> {
  const object = await store.open(sha256);
  try {
    const bytes = Buffer.alloc(size);
    for (let done = 0; done < size;) {
      const count = await nodeStoreFs.read(object.fd, bytes.subarray(done), done);
      if (count === 0) return bytes.subarray(0, done);
      done += count;
    }
    return bytes;
  } finally {
    await object.close();
  }
}
