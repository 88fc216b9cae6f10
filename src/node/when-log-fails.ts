import { errorCode } from '../core/errors.ts';
import type { DisclosureEntry, DisclosureLog } from '../disclosure/disclosure-log.ts';
import { LogUnwritableError } from '../disclosure/log-unwritable-error.ts';
import { IndexError } from '../index/index-errors.ts';
import type { Logger } from '../observability/loggers.ts';

/** What cannot be put on record is not shown: whoever asks is refused with this reason, until there is room again. */
export function orRefused(log: DisclosureLog): DisclosureLog {
  return {
    record: (entries) =>
      log.record(entries).catch((error: unknown) => {
        throw mayPass(error) ? new LogUnwritableError(error) : error;
      }),
  };
}

/**
 * Without disclosure control images are shown although the use log cannot be written: a full disk must not keep them from whoever treats the
 * patient. Then the node's own log says in its place who has seen what, without naming patients.
 */
export function orInNodeLog(log: DisclosureLog, logger: Pick<Logger, 'warn'>): DisclosureLog {
  return {
    record: (entries) =>
      log.record(entries).catch((error: unknown) => {
        if (!mayPass(error)) throw error;
        logger.warn('the use log cannot be written, so it is said here who has seen what', {
          cause: errorCode(error),
          ...whoAndWhat(entries),
        });
      }),
  };
}

/** After the others nothing goes on anyway. */
function mayPass(error: unknown): boolean {
  return error instanceof IndexError && !['INDEX_FATAL', 'INDEX_CLOSED'].includes(error.code);
}

function whoAndWhat(entries: readonly DisclosureEntry[]): Record<string, string> {
  const request = entries[0]?.request;
  if (request === undefined) return {};
  const items = entries.flatMap((entry) => (entry.event === 'REQUEST' ? [] : [entry.itemId]));
  const { operation, callingAET, address, requester, recipientAET } = request;
  return {
    operation,
    callingAET,
    address,
    organisation: requester.organisation ?? '',
    user: requester.person,
    recipient: recipientAET,
    items: items.join(' '),
  };
}
