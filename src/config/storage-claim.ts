import { existsSync } from 'node:fs';
import { KuvaError } from '../core/errors.ts';
import { StorageInUseError, StorageLock } from './storage-lock.ts';
import type { StoragePaths } from './storage-paths.ts';

/** A node's hold on its storage. */
export interface NodeClaim extends Disposable {
  /** False when an import of before is at work: recovery must keep away from what may be its. */
  readonly alone: boolean;
  /** After recovery: from now on an import may add objects beside the node. */
  recovered(): void;
}

/**
 * Claims the storage for a node. Recovery takes files that have no index row yet for left over, so until `recovered()` no import may
 * begin; one that outlived its node keeps no other from starting.
 * @throws StorageInUseError naming who is at work; KuvaError REINDEX_UNFINISHED when a reindex was not finished
 */
export function claimForNode(paths: StoragePaths): NodeClaim {
  using taken = new DisposableStack();
  taken.use(StorageLock.acquire(paths.lock, 'node'));
  const intake = intakeUnlessImporting(paths);
  taken.use(intake);
  refuseUnfinished(paths);
  const held = taken.move();
  return {
    alone: intake !== undefined,
    recovered: () => intake?.release(),
    [Symbol.dispose]: () => held.dispose(),
  };
}

const BESIDE_A_NODE: ReadonlySet<unknown> = new Set(['import', 'evict']);

function intakeUnlessImporting(paths: StoragePaths): StorageLock | undefined {
  try {
    return StorageLock.acquire(paths.intakeLock, 'node');
  } catch (error) {
    if (error instanceof StorageInUseError && BESIDE_A_NODE.has(error.facts['purpose'])) return undefined;
    throw error;
  }
}

/** Claims the storage for a reindex, alone. @throws StorageInUseError */
export function claimForReindex(paths: StoragePaths): Disposable {
  using taken = new DisposableStack();
  taken.use(StorageLock.acquire(paths.lock, 'reindex'));
  taken.use(StorageLock.acquire(paths.intakeLock, 'reindex'));
  // What is forwarded is looked up in the index.
  taken.use(StorageLock.acquire(paths.egressLock, 'reindex'));
  return taken.move();
}

/** Claims the right to forward, beside a running node or without one. @throws StorageInUseError */
export function claimForEgress(paths: StoragePaths): Disposable {
  return StorageLock.acquire(paths.egressLock, 'egress');
}

/** Claims the right to add objects, beside a running node or without one. @throws StorageInUseError, KuvaError REINDEX_UNFINISHED */
export function claimForImport(paths: StoragePaths): Disposable {
  using taken = new DisposableStack();
  taken.use(StorageLock.acquire(paths.intakeLock, 'import'));
  refuseUnfinished(paths);
  return taken.move();
}

/** Keeps imports and recalls by hand away for a moment, in a running node. @throws StorageInUseError while one is at work */
export function claimForExpiry(paths: StoragePaths): Disposable {
  return StorageLock.acquire(paths.intakeLock, 'expiry');
}

/** Claims the right to free files that the archive has; like an import it runs beside a node, and beside no other. @throws StorageInUseError */
export function claimForEviction(paths: StoragePaths): Disposable {
  using taken = new DisposableStack();
  taken.use(StorageLock.acquire(paths.intakeLock, 'evict'));
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
