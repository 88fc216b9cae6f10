import { localUser } from '../audit/audit-actors.ts';
import type { AuditMessage } from '../audit/audit-message.ts';
import { spooledForm } from '../audit/audit-trail.ts';
import { auditLogUsed } from '../audit/events/security-events.ts';
import type { Config } from '../config/schema.ts';
import type { AccessLogName } from '../index/access-log/access-log-types.ts';
import type { IndexService } from '../index/index-service.ts';

/** Spools what was done at this machine, on the disk when this resolves; the node brings it to the repository. Nothing without one. */
export async function noteAudit(
  index: Pick<IndexService, 'write'>,
  { audit, node }: Config,
  ...messages: readonly AuditMessage[]
): Promise<void> {
  if (audit.repository === null || messages.length === 0) return;
  const source = { id: node.aeTitle, enterpriseSite: audit.enterpriseSite };
  await index.write(
    'auditAppend',
    messages.map((message) => spooledForm(message, source)),
  );
}

/** Somebody has read these logs, or taken something out of them. */
export async function noteLogUse(
  index: Pick<IndexService, 'write'>,
  config: Config,
  logs: readonly AccessLogName[],
): Promise<void> {
  const uri = (log: AccessLogName): string => `kuva:${config.node.aeTitle}/log/${log}`;
  await noteAudit(index, config, ...logs.map((log) => auditLogUsed(Date.now(), localUser(), uri(log))));
}
