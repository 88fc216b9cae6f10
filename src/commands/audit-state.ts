import { backlogAge, isOverdue } from '../audit/backlog-watch.ts';
import type { Config } from '../config/schema.ts';
import type { IndexService } from '../index/index-service.ts';
import { humanDuration } from './queue/queue-text.ts';

/** What waits for the audit record repository. */
export interface AuditState {
  /** host:port; null when nothing is audited. */
  readonly repository: string | null;
  readonly waiting: number;
  /** ms since 1970; null when nothing waits. */
  readonly oldestAt: number | null;
  /** Associations and imports whose objects are counted and not yet told. */
  readonly untold: number;
  /** Why somebody should look; '' when all is well. */
  readonly warning: string;
}

export async function auditState(
  index: Pick<IndexService, 'read'>,
  { audit }: Config,
  now: number,
): Promise<AuditState> {
  const backlog = await index.read('auditBacklog');
  const untold = (await index.read('auditReceptionKeys')).length;
  const repository = audit.repository === null ? null : `${audit.repository.host}:${audit.repository.port}`;
  const state = { repository, waiting: backlog.messages, oldestAt: backlog.oldestAt, untold };
  const waits = `${backlog.messages} audit messages wait, the oldest for ${humanDuration(backlogAge(backlog, now))}`;
  if (repository === null)
    return {
      ...state,
      warning: backlog.messages === 0 ? '' : `${waits}: audit.repository is null, so nobody gets them`,
    };
  return {
    ...state,
    warning: isOverdue(backlog, audit, now) ? `${waits}: see whether ${repository} takes them` : '',
  };
}

/** For people, in a line. */
export function auditText({ repository, waiting, oldestAt }: AuditState, now: number): string {
  const to = repository === null ? 'off (audit.repository is null)' : `to ${repository}`;
  if (oldestAt === null) return `${to}; nothing waits`;
  return `${to}; ${waiting} messages wait, the oldest for ${humanDuration(now - oldestAt)}`;
}
