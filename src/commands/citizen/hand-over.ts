import { randomBytes } from 'node:crypto';
import {
  closeSync,
  fsyncSync,
  linkSync,
  lstatSync,
  mkdirSync,
  openSync,
  renameSync,
  rmSync,
  unlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { errorCode } from '../../core/errors.ts';
import { CommandFailedError, UsageError } from '../exit-codes.ts';

interface NewFile {
  readonly name: string;
  readonly bytes: Buffer;
}

/**
 * Writes files for a right that may be used once, and uses it up. First all of them lie on the disk under names that end in `.part`; then
 * `useUp` takes the right and puts it on record, in one transaction; then they get their names.
 *
 * - What fails before, be it a name that is taken, a full disk or a kill, costs nothing: the right is still there.
 * - Of two that come at once one gets through `useUp`; the other's files are taken away.
 * - What fails after loses nothing: the files are whole under the names that the message says, or that a kill has left.
 *
 * Nothing has its name before it is on record. A kill before `useUp` leaves `.part` files that are not, on the machine that has the originals.
 * When it cannot be told whether `useUp` was committed, the files go: a new link can be made, what was shown cannot be taken back.
 *
 * @returns paths
 * @throws UsageError when the folder cannot be made, or has such a file; CommandFailedError when they cannot be written
 */
export async function handOver(
  folder: string,
  files: readonly NewFile[],
  useUp: () => Promise<void>,
): Promise<string[]> {
  const suffix = `.${randomBytes(4).toString('hex')}.part`;
  const written = files.map(({ name, bytes }) => {
    const path = join(folder, name);
    return { path, part: path + suffix, bytes };
  });
  try {
    mkdirSync(folder, { recursive: true });
  } catch (error) {
    throw new UsageError(`--out ${folder}: the folder cannot be made (${errorCode(error)}); give another`);
  }
  const taken = written.find(({ path }) => isThere(path));
  if (taken !== undefined) throw new UsageError(`--out: ${taken.path} is there already; give another folder`);
  try {
    writeAll(written, folder);
    await useUp();
  } catch (error) {
    for (const { part } of written) rmSync(part, { force: true });
    throw error;
  }
  const failed = written.flatMap(({ path, part }) => giveName(part, path) ?? []);
  if (failed.length > 0)
    throw new CommandFailedError(
      `the one time is used up; what was asked for is there, but has not got its name: ${failed.join(', ')}`,
    );
  syncFolder(folder);
  return written.map(({ path }) => path);
}

function writeAll(files: readonly { readonly part: string; readonly bytes: Buffer }[], folder: string): void {
  try {
    for (const { part, bytes } of files) {
      // For whoever asked, and for nobody else at this machine.
      writeFileSync(part, bytes, { flag: 'wx', mode: 0o600, flush: true });
    }
    syncFolder(folder);
  } catch (error) {
    throw new CommandFailedError(
      `--out ${folder}: the files cannot be written (${errorCode(error)}); nothing is used up`,
    );
  }
}

/** What failed, with the name that the file has kept; undefined when it has got its own. */
function giveName(part: string, path: string): string | undefined {
  try {
    moveTo(part, path);
    return undefined;
  } catch (error) {
    return `${part} (${errorCode(error)})`;
  }
}

/** Not over a file that has come in the meantime, as a rename would. */
function moveTo(part: string, path: string): void {
  try {
    linkSync(part, path);
    unlinkSync(part);
  } catch (error) {
    // A stick with FAT knows no second name of a file.
    if (!['EPERM', 'ENOTSUP', 'ENOSYS'].includes(errorCode(error)) || isThere(path)) throw error;
    renameSync(part, path);
  }
}

function isThere(path: string): boolean {
  return lstatSync(path, { throwIfNoEntry: false }) !== undefined;
}

function syncFolder(folder: string): void {
  const fd = openSync(folder, 'r');
  try {
    fsyncSync(fd);
  } finally {
    closeSync(fd);
  }
}
