import { existsSync } from 'node:fs';
import { KuvaError } from '../core/errors.ts';
import { StorageLock } from './storage-lock.ts';
import type { StoragePaths } from './storage-paths.ts';

/** A node's hold on its storage. */
export interface NodeClaim extends Disposable {
  /** After recovery: from now on an import may run beside the node. */
  recovered(): void;
}

/**
 * Claims the storage for a node. Recovery removes files that have no index row yet, so an import may not run meanwhile.
 * @throws StorageInUseError when another node, an import or a reindex is at work; KuvaError when a reindex was not finished
 */
export function claimForNode(paths: StoragePaths): NodeClaim {
  const node = StorageLock.acquire(paths.nodeLock, 'node');
  try {
    const intake = StorageLock.acquire(paths.intakeLock, 'node');
    try {
      if (existsSync(paths.reindexMark)) {
        throw new KuvaError(
          'REINDEX_UNFINISHED',
          `a reindex of ${paths.root} was not finished, so the index lacks objects that are kept: run kuva reindex`,
        );
      }
    } catch (error) {
      intake.release();
      throw error;
    }
    return {
      recovered: () => intake.release(),
      [Symbol.dispose]: () => {
        intake.release();
        node.release();
      },
    };
  } catch (error) {
    node.release();
    throw error;
  }
}

/** Claims the storage for a command that needs it alone. @throws StorageInUseError */
export function claimAlone(paths: StoragePaths, purpose: string): Disposable {
  const node = StorageLock.acquire(paths.nodeLock, purpose);
  try {
    const intake = StorageLock.acquire(paths.intakeLock, purpose);
    return {
      [Symbol.dispose]: () => {
        intake.release();
        node.release();
      },
    };
  } catch (error) {
    node.release();
    throw error;
  }
}

/** Claims the right to add objects, beside a running node or without one. @throws StorageInUseError */
export function claimForIntake(paths: StoragePaths, purpose: string): Disposable {
  return StorageLock.acquire(paths.intakeLock, purpose);
}
