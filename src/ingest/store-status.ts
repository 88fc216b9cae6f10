import { errorCode } from '../core/errors.ts';
import type { DimseStatus } from '../dimse/command-types.ts';
import { STATUS } from '../dimse/status-table.ts';
import { CannotUnderstandError, DataSetMismatchError, RejectedInstanceError } from './ingest-errors.ts';

// At most 64 characters (PS3.7 C.4, Error Comment is LO), read by whoever operates the sender.
const OUT_OF_RESOURCES: Readonly<Record<string, string>> = {
  STORE_DISK_FULL: 'Disk full: free space on the archive, then send again',
  STORE_RESERVE: 'Disk almost full: free space on the archive, then send again',
  STORE_READ_ONLY: 'Storage is mounted read-only: call the archive administrator',
  STORE_PERMISSION: 'Storage may not be written: call the archive administrator',
  STORE_TOO_MANY_FILES: 'Too many open files at the archive: send again later',
  STORE_IO: 'Disk error at the archive: call the archive administrator',
  STORE_SYNC_FAILED: 'Disk error, the archive stops: call the archive administrator',
  STORE_STOPPED: 'Disk error, the archive stops: call the archive administrator',
  OBJECT_MISSING: 'A folder of the storage is missing: call the administrator',
  INDEX_FULL: 'Disk of the index full: free space, then send again',
  INDEX_BUSY: 'Index locked by another program: send again later',
  INDEX_READ_ONLY: 'Index may not be written: call the archive administrator',
  INDEX_FATAL: 'Index error, the archive stops: call the archive administrator',
  INDEX_CLOSED: 'The archive is stopping: send again later',
};

/** The answer to a C-STORE that failed with this error (PS3.4 B.2.3, PS3.7 C.4). Never patient data. */
export function storeStatus(error: unknown): DimseStatus {
  if (error instanceof DataSetMismatchError) return status(STATUS.DataSetMismatch, error.message, error.tag);
  if (error instanceof CannotUnderstandError) return status(STATUS.CannotUnderstand, error.message, error.tag);
  if (error instanceof RejectedInstanceError) return status(error.status, error.message);
  const comment = OUT_OF_RESOURCES[errorCode(error)];
  if (comment !== undefined) return status(STATUS.OutOfResources, comment);
  return status(STATUS.ProcessingFailure, 'Failed inside the archive, its log says why');
}

function status(code: number, comment: string, tag = 0): DimseStatus {
  return { code, errorComment: comment.slice(0, 64), ...(tag === 0 ? {} : { offendingElement: [tag] }) };
}
