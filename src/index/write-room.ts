import { closeSync, openSync, rmSync, writeSync } from 'node:fs';
import { errorCode } from '../core/errors.ts';

/** More than a quota may have left when it has refused a page of the log. */
const PROBE_BYTES = 256 * 1024;

/**
 * Whether there is room beside this database. SQLite knows a full disk by ENOSPC only and calls a used up quota an I/O error;
 * a write that was refused has written nothing, so the same question put to the file system itself tells them apart.
 */
export function hasRoom(path: string): boolean {
  const probe = `${path}-room`;
  try {
    const fd = openSync(probe, 'w');
    try {
      writeSync(fd, Buffer.alloc(PROBE_BYTES));
    } finally {
      closeSync(fd);
    }
    return true;
  } catch (error) {
    return !['EDQUOT', 'ENOSPC'].includes(errorCode(error));
  } finally {
    rmSync(probe, { force: true });
  }
}
