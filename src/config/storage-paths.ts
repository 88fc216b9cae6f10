import { join } from 'node:path';
import type { Config } from './schema.ts';

/** Where each thing lives below the storage folder. */
export interface StoragePaths {
  readonly root: string;
  readonly database: string;
  /** Held by the one node, or the one offline command, that owns this storage. */
  readonly lock: string;
  /** Held by whoever runs recovery or an import, which must not meet. */
  readonly intakeLock: string;
  /** Held by the one process that forwards. */
  readonly egressLock: string;
  /** Written by a running node: where it listens, as the ready file of `kuva start` has it. */
  readonly ready: string;
  readonly objects: string;
  /** Care documents, in a hashed tree of their own. */
  readonly documents: string;
  readonly spool: string;
  readonly quarantine: string;
  /** Exists from the moment in which a reindex empties the index until it has filled it again. */
  readonly reindexMark: string;
  /** Journals of imports, for resuming. */
  readonly imports: string;
  /** Signs the heads of use log and disclosure log, unless `accessLog.signingKey` names another key. */
  readonly logKey: string;
}

export function storagePaths(config: Pick<Config, 'storage'>): StoragePaths {
  const { root } = config.storage;
  return {
    root,
    database: join(root, 'kuva.sqlite'),
    lock: join(root, 'node.lock'),
    intakeLock: join(root, 'intake.lock'),
    egressLock: join(root, 'egress.lock'),
    ready: join(root, 'node.ready'),
    objects: join(root, 'objects'),
    documents: join(root, 'documents'),
    spool: join(root, 'spool'),
    quarantine: join(root, 'quarantine'),
    reindexMark: join(root, 'reindex.unfinished'),
    imports: join(root, 'imports'),
    logKey: join(root, 'log-signing.pem'),
  };
}
