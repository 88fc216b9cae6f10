import type { Config } from '../config/schema.ts';
import { storagePaths } from '../config/storage-paths.ts';
import { IndexService } from '../index/index-service.ts';

/**
 * Opens the database beside a running node or without one, for a command that reads or edits the registers. It never says that the stop was
 * orderly: that is for whoever has claimed the storage.
 */
export async function withIndex<T>(config: Config, work: (index: IndexService) => Promise<T>): Promise<T> {
  await using index = await IndexService.open({ path: storagePaths(config).database, readers: 1 });
  return await work(index);
}
