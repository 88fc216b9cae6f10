import { FAN_OUT, sha256OfName } from './object-path.ts';
import type { FileEnding } from './object-path.ts';
import { toStoreError } from './store-errors.ts';
import type { StoreFs } from './store-fs.ts';

export interface TreeFile {
  /** Undefined for a file that is no object. */
  readonly sha256: string | undefined;
  readonly path: string;
  readonly size: number;
  readonly mtimeMs: number;
}

/**
 * Files of the tree that have changed since `since` (ms; 0: all), a batch a directory. A file that was created or linked later than
 * that changed its directory then, so at most 65 536 directories are looked at, and few are read.
 */
export async function* filesSince(
  fs: StoreFs,
  objects: string,
  since: number,
  ending: FileEnding = 'dcm',
): AsyncGenerator<TreeFile[]> {
  try {
    for (const top of FAN_OUT) {
      const parent = `${objects}/${top}`;
      const names = (await fs.readdir(parent)).toSorted();
      const changed = await Promise.all(
        names.map(async (name) => (await fs.lstat(`${parent}/${name}`)).mtimeMs >= since),
      );
      for (const directory of names.filter((_, index) => changed[index])) {
        const files = await filesIn(fs, `${parent}/${directory}`, since, ending);
        if (files.length > 0) yield files;
      }
    }
  } catch (error) {
    throw toStoreError(error, 'walk');
  }
}

async function filesIn(fs: StoreFs, directory: string, since: number, ending: FileEnding): Promise<TreeFile[]> {
  const names = (await fs.readdir(directory)).toSorted();
  const files = await Promise.all(
    names.map(async (name) => {
      const path = `${directory}/${name}`;
      const { size, mtimeMs, ctimeMs } = await fs.lstat(path);
      return ctimeMs < since ? [] : [{ sha256: sha256OfName(name, ending), path, size, mtimeMs }];
    }),
  );
  return files.flat();
}
