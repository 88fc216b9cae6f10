import { FAN_OUT, sha256OfName } from './object-path.ts';
import type { FileEnding } from './object-path.ts';
import { toStoreError } from './store-errors.ts';
import type { StoreError } from './store-errors.ts';
import type { StoreFs } from './store-fs.ts';

export interface TreeFile {
  /** Undefined for a file that is no object. */
  readonly sha256: string | undefined;
  readonly path: string;
  readonly size: number;
  readonly mtimeMs: number;
}

/** What of a tree could not be looked at: a directory or a file, and why. */
export type Unreadable = (path: string, error: StoreError) => void;

/**
 * Files of the tree that have changed since `since` (ms; 0: all), a batch a directory. A file that was created or linked later than
 * that changed its directory then, so at most 65 536 directories are looked at, and few are read. What cannot be read is told and
 * passed over: a bad sector under one directory says nothing about the others.
 */
export async function* filesSince(
  fs: StoreFs,
  objects: string,
  since: number,
  unreadable: Unreadable,
  ending: FileEnding = 'dcm',
): AsyncGenerator<TreeFile[]> {
  const tops = new Set(FAN_OUT.map((top) => `${objects}/${top}`));
  const attempt = async <T>(path: string, look: () => Promise<T>, otherwise: T): Promise<T> => {
    try {
      return await look();
    } catch (thrown) {
      const error = toStoreError(thrown, 'walk');
      // Whoever works on the tree meanwhile may have removed what was there a moment ago; the 256 tops stay.
      if (error.code !== 'OBJECT_MISSING' || tops.has(path)) unreadable(path, error);
      return otherwise;
    }
  };
  const namesIn = (directory: string): Promise<string[]> => attempt(directory, () => fs.readdir(directory), []);
  for (const parent of tops) {
    const directories = (await namesIn(parent)).toSorted().map((name) => `${parent}/${name}`);
    const changed = await Promise.all(
      directories.map((path) => attempt(path, async () => (await fs.lstat(path)).mtimeMs >= since, false)),
    );
    for (const directory of directories.filter((_, index) => changed[index])) {
      const files = await Promise.all(
        (await namesIn(directory)).toSorted().map((name) => {
          const path = `${directory}/${name}`;
          return attempt(path, () => fileSince(fs, path, sha256OfName(name, ending), since), undefined);
        }),
      );
      const found = files.filter((file) => file !== undefined);
      if (found.length > 0) yield found;
    }
  }
}

async function fileSince(
  fs: StoreFs,
  path: string,
  sha256: string | undefined,
  since: number,
): Promise<TreeFile | undefined> {
  const { size, mtimeMs, ctimeMs } = await fs.lstat(path);
  return ctimeMs < since ? undefined : { sha256, path, size, mtimeMs };
}
