import { KuvaError } from '../core/errors.ts';

/** What would be shown is refused: what is not in the use log or the disclosure log is not shown. */
export class LogUnwritableError extends KuvaError {
  override readonly name: string = 'LogUnwritableError';

  constructor(cause: unknown) {
    super('ACCESS_LOG_UNWRITABLE', 'the use log cannot be written: make room on the disk of the database', {}, cause);
  }
}
