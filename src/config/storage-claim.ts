import { existsSync } from 'node:fs';
import { KuvaError } from '../core/errors.ts';
import { StorageLock } from './storage-lock.ts';
import type { StoragePaths } from './storage-paths.ts';

/** A node's hold on its storage. */
export interface NodeClaim extends Disposable {
  /** After recovery: from now on an import may add objects beside the node. */
  recovered(): void;
}

/**
 * Claims the storage for a node. Recovery removes files that have no index row yet, so until `recovered()` no import may run.
 * @throws StorageInUseError naming who is at work; KuvaError REINDEX_UNFINISHED when a reindex was not finished
 */
export function claimForNode(paths: StoragePaths): NodeClaim {
  using taken = new DisposableStack();
  taken.use(StorageLock.acquire(paths.lock, 'node'));
  const intake = taken.use(StorageLock.acquire(paths.intakeLock, 'node'));
  refuseUnfinished(paths);
  const held = taken.move();
  return { recovered: () => intake.release(), [Symbol.dispose]: () => held.dispose() };
}

/** Claims the storage for a reindex, alone. @throws StorageInUseError */
export function claimForReindex(paths: StoragePaths): Disposable {
  using taken = new DisposableStack();
  taken.use(StorageLock.acquire(paths.lock, 'reindex'));
  taken.use(StorageLock.acquire(paths.intakeLock, 'reindex'));
  return taken.move();
}

/** Claims the right to add objects, beside a running node or without one. @throws StorageInUseError, KuvaError REINDEX_UNFINISHED */
export function claimForImport(paths: StoragePaths): Disposable {
  using taken = new DisposableStack();
  taken.use(StorageLock.acquire(paths.intakeLock, 'import'));
  refuseUnfinished(paths);
  return taken.move();
}

function refuseUnfinished(paths: StoragePaths): void {
  if (existsSync(paths.reindexMark)) {
    throw new KuvaError(
      'REINDEX_UNFINISHED',
      `a reindex of ${paths.root} was not finished, so the index lacks objects that are kept: run kuva reindex`,
    );
  }
}
