import { readdir, stat } from 'node:fs/promises';
import { basename, dirname, join, resolve } from 'node:path';
import { errorCode } from '../core/errors.ts';
import { isDicomdir, readDicomdir } from './dicomdir.ts';
import { ImportRefusal } from './import-refusal.ts';

export interface FoundFile {
  readonly path: string;
  readonly size: number;
  readonly mtimeMs: number;
}

/** Something below the paths that could not be looked at. */
export interface UnreadableFile {
  readonly path: string;
  readonly reason: string;
}

/**
 * Every regular file below the given files and folders, in the order of their names. A DICOMDIR that is named itself stands for the files
 * that it lists; below a folder it is passed over, since its files are found anyway. Links to folders are not followed.
 * @throws ImportRefusal when a path that was given does not exist
 */
export async function* findFiles(paths: readonly string[]): AsyncGenerator<FoundFile | UnreadableFile> {
  for (const given of paths) {
    const path = resolve(given);
    const found = await stat(path).catch((error: unknown) => {
      throw new ImportRefusal('NO_SUCH_PATH', `${given} cannot be read (${errorCode(error)})`, {}, error);
    });
    if (found.isDirectory()) {
      yield* below(path);
    } else if (isNamedDicomdir(path) || (await isDicomdir(path))) {
      for (const listed of await readDicomdir(path)) {
        // Some systems mount CDs with names in lower case, while the DICOMDIR names them in capitals.
        const found = await look(join(dirname(path), listed));
        const lower = 'reason' in found ? await look(join(dirname(path), listed.toLowerCase())) : found;
        yield 'reason' in lower ? found : lower;
      }
    } else {
      yield await look(path);
    }
  }
}

async function* below(folder: string): AsyncGenerator<FoundFile | UnreadableFile> {
  let entries;
  try {
    entries = await readdir(folder, { withFileTypes: true });
  } catch (error) {
    yield { path: folder, reason: `the folder cannot be read (${errorCode(error)})` };
    return;
  }
  for (const entry of entries.toSorted((a, b) => (a.name < b.name ? -1 : 1))) {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) {
      yield* below(path);
    } else if ((entry.isFile() || entry.isSymbolicLink()) && !isNamedDicomdir(path)) {
      const found = await look(path);
      if (entry.isFile() || !('reason' in found)) yield found;
    }
  }
}

async function look(path: string): Promise<FoundFile | UnreadableFile> {
  try {
    const found = await stat(path);
    return found.isFile()
      ? { path, size: found.size, mtimeMs: found.mtimeMs }
      : { path, reason: 'it is no regular file' };
  } catch (error) {
    return { path, reason: `the file cannot be read (${errorCode(error)})` };
  }
}

function isNamedDicomdir(path: string): boolean {
  return /^dicomdir\.?$/i.test(basename(path));
}
