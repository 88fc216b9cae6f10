import { errorCode } from '../core/errors.ts';
import { spoolContent } from './content.ts';
import type { Quarantine, QuarantineReason } from './quarantine.ts';
import { OPEN } from './store-fs.ts';
import type { StoreFs } from './store-fs.ts';

/** An object's file, and a free name in the spool. */
export interface SetAsideFile {
  readonly sha256: string;
  readonly file: string;
  readonly spool: string;
}

/**
 * Moves a file of the tree to the quarantine. Its name in the tree goes only when the quarantine has it durably, and only when it still
 * means the same file: somebody may have put a whole one in the place of a torn one.
 * @returns the new path @throws system errors, StoreError, SyncFailedError: then the file is where it was
 */
export async function moveToQuarantine(
  fs: StoreFs,
  quarantine: Quarantine,
  { sha256, file, spool }: SetAsideFile,
  reason: QuarantineReason,
): Promise<string> {
  const fd = await fs.open(file, OPEN.read);
  const { size, ino } = await fs.fstat(fd).catch(async (error: unknown) => closeAndThrow(fs, fd, error));
  await fs.link(file, spool).catch(async (error: unknown) => closeAndThrow(fs, fd, error));
  const path = await quarantine.keep(sha256, size, spoolContent(fs, spool, fd), reason);
  try {
    if ((await fs.lstat(file)).ino === ino) await fs.unlink(file);
  } catch (error) {
    if (errorCode(error) !== 'ENOENT') throw error;
  }
  return path;
}

async function closeAndThrow(fs: StoreFs, fd: number, error: unknown): Promise<never> {
  await fs.close(fd).catch(() => undefined);
  throw error;
}
