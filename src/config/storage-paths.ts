import { join } from 'node:path';
import type { Config } from './schema.ts';

/** Where each thing lives below the storage folder. */
export interface StoragePaths {
  readonly root: string;
  readonly database: string;
  /** Held by the one node, or the one offline command, that owns this storage. */
  readonly lock: string;
}

export function storagePaths(config: Pick<Config, 'storage'>): StoragePaths {
  const { root } = config.storage;
  return { root, database: join(root, 'kuva.sqlite'), lock: join(root, 'node.lock') };
}
