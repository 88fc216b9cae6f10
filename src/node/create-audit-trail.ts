import { AuditTrail } from '../audit/audit-trail.ts';
import { ownAe } from '../audit/own-ae.ts';
import type { Config } from '../config/schema.ts';
import type { IndexService } from '../index/index-service.ts';
import type { Logger } from '../observability/loggers.ts';

/** How long until a full disk is tried again. */
const RETRY_MS = 5000;

/** The way of this process's audit messages to the spool; `spooled` is called when something new waits there. */
export function createAuditTrail(
  config: Config,
  index: Pick<IndexService, 'write'>,
  log: Logger,
  spooled: () => void,
): AuditTrail {
  return new AuditTrail({
    self: ownAe(config),
    source: { id: config.node.aeTitle, enterpriseSite: config.audit.enterpriseSite },
    append: (messages) => index.write('auditAppend', messages),
    events: {
      spooled,
      blocked: (error) =>
        log.error(
          'audit messages cannot be written down: they are held in memory, and what would show data to others is refused until there is room',
          { error },
        ),
      unblocked: ({ held, lost }) =>
        log[lost === 0 ? 'warn' : 'error']('audit messages are written down again', { held, lost }),
      lost: (messages, error) =>
        log.error('audit messages are lost: they could not be written down', { messages, error }),
    },
    retryMs: RETRY_MS,
    now: Date.now,
  });
}
