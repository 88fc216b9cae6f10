import { AuditBlockedError } from '../audit/audit-blocked-error.ts';
import { KuvaError } from '../core/errors.ts';
import { LogUnwritableError } from '../disclosure/log-unwritable-error.ts';
import type { DimseStatus } from '../dimse/command-types.ts';
import { STATUS } from '../dimse/status-table.ts';

/** A retrieve that is refused as a whole, with the status that says so (PS3.4 table C.4-2, C.4-3). */
export class RetrieveRefusedError extends KuvaError {
  override readonly name: string = 'RetrieveRefusedError';
  readonly status: DimseStatus;

  constructor(code: string, message: string, status: DimseStatus, cause?: unknown) {
    super(code, message, { status: status.code }, cause);
    this.status = status;
  }
}

/** The identifier does not fit the information model: A900 with the key named. */
export function identifierMismatch(
  errorComment: string,
  tag: number | undefined,
  cause?: unknown,
): RetrieveRefusedError {
  const offendingElement = tag === undefined ? {} : { offendingElement: [tag] };
  const status = { code: STATUS.DataSetMismatch, errorComment, ...offendingElement };
  return new RetrieveRefusedError('IDENTIFIER_MISMATCH', errorComment, status, cause);
}

/** What is not in the audit trail or in the use log does not leave (PS3.4 table C.4-2: A702); another error stays what it is. */
export function refusedForRecord(error: unknown): unknown {
  const what =
    error instanceof AuditBlockedError
      ? 'the audit trail'
      : error instanceof LogUnwritableError
        ? 'the use log'
        : undefined;
  if (what === undefined || !(error instanceof KuvaError)) return error;
  const status = { code: STATUS.UnableToPerformSubOperations, errorComment: `${what} cannot be written` };
  return new RetrieveRefusedError(error.code, error.message, status, error);
}
