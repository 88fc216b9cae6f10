import { existsSync, statSync } from 'node:fs';
import { ConfigError } from '../config/config-error.ts';
import type { Config } from '../config/schema.ts';
import { storagePaths } from '../config/storage-paths.ts';
import type { StoragePaths } from '../config/storage-paths.ts';
import type { IndexOptions, IndexService } from '../index/index-service.ts';
import { LocalReader } from '../index/reader/local-reader.ts';
import { CommandFailedError } from './exit-codes.ts';

/**
 * Opens the database beside a running node or without one, for a command that reads or edits the registers. It never says that the stop was
 * orderly: that is for whoever has claimed the storage.
 * @throws as `existingStorage` does
 */
export async function withIndex<T>(config: Config, work: (index: IndexService) => Promise<T>): Promise<T> {
  return withNewIndex(existingStorage(config), work);
}

/**
 * For a command that only asks. Without threads where the schema is up to date, which saves most of the time of a listing.
 * @throws as `existingStorage` does
 */
export async function withReading<T>(
  config: Config,
  work: (index: Pick<IndexService, 'read'>) => Promise<T>,
): Promise<T> {
  const paths = existingStorage(config);
  using reader = LocalReader.open(paths.database);
  return await (reader === undefined ? withNewIndex(paths, work) : work(reader));
}

/** As `withIndex`, for a command that changes the index as its node does: with the queue, and apart where disclosure control is on. */
export async function withIndexOfNode<T>(config: Config, work: (index: IndexService) => Promise<T>): Promise<T> {
  const queue = config.egress.destinations.length > 0;
  return withNewIndex(existingStorage(config), work, { queue, underControl: config.disclosure.enabled });
}

/** As `withIndex`, for a command that may be the first one: it makes storage and database. */
export async function withNewIndex<T>(
  paths: Pick<StoragePaths, 'database'>,
  work: (index: IndexService) => Promise<T>,
  options: Pick<IndexOptions, 'queue' | 'underControl'> = {},
): Promise<T> {
  // Its threads are of no use to a command that only asks.
  const { IndexService: Service } = await import('../index/index-service.ts');
  await using index = await Service.open({ path: paths.database, readers: 1, ...options });
  return await work(index);
}

export function hasDatabase(config: Config): boolean {
  return existsSync(storagePaths(config).database);
}

/**
 * The storage, when there is an archive in it: a mistyped folder must neither be made nor reported as an empty archive.
 * @throws CommandFailedError when there is none; ConfigError when storage.root is no folder
 */
export function existingStorage(config: Config): StoragePaths {
  const paths = storagePaths(config);
  if (hasDatabase(config)) return paths;
  const root = statSync(paths.root, { throwIfNoEntry: false });
  if (root !== undefined && !root.isDirectory())
    throw new ConfigError([`storage.root is ${paths.root}, which is no folder: give the storage folder`]);
  if (existsSync(paths.objects))
    throw new CommandFailedError(
      `storage.root ${paths.root} has objects and no database: build it with kuva reindex, or bring it back from a copy`,
    );
  throw new CommandFailedError(
    `storage.root ${paths.root} ${root === undefined ? 'does not exist' : 'holds no archive'}: give the folder of the archive with --storage FOLDER, or begin one with kuva start`,
  );
}
