import { backlogAge, isOverdue } from '../audit/backlog-watch.ts';
import type { Config } from '../config/schema.ts';
import type { Acceptor } from '../dimse/acceptor.ts';
import type { IndexService } from '../index/index-service.ts';
import type { Ingest } from '../ingest.ts';
import type { HealthCheck, HealthReport } from '../observability/health.ts';
import type { Levels } from '../observability/metrics.ts';
import type { ObjectStore } from '../store/object-store.ts';
import type { NodeAudit } from './create-audit.ts';

interface Observed {
  readonly index: Pick<IndexService, 'totals' | 'pendingCommitments' | 'size'>;
  readonly store: Pick<ObjectStore, 'freeBytes'>;
  readonly acceptor: Pick<Acceptor, 'associations'>;
  readonly ingest: Pick<Ingest, 'unindexed'>;
}

interface Measured extends Observed {
  readonly config: Config;
  readonly audit: Pick<NodeAudit, 'blocked'>;
  readonly index: Observed['index'] & Pick<IndexService, 'read'>;
}

interface Reported extends Observed {
  readonly config: Config;
  readonly audit: Pick<NodeAudit, 'blocked'>;
  /** Whether the storage takes files. */
  readonly writable: () => Promise<HealthCheck>;
  /** Why the node no longer acknowledges, when it does not. */
  readonly failure: () => Error | undefined;
}

/** What `/healthz` answers: whether the node does its work, and what to do when not. No patient data. */
export async function reportHealth({
  config,
  index,
  store,
  acceptor,
  ingest,
  audit,
  writable,
  failure,
}: Reported): Promise<HealthReport> {
  const failed = failure();
  const [disk, storage, database] = await Promise.all([
    checkDisk(store, config.storage.reserveBytes),
    writable(),
    checkIndex(index, ingest.unindexed.blocked),
  ]);
  const checks = {
    promise: {
      ok: failed === undefined,
      detail:
        failed === undefined
          ? 'acknowledges what is durable'
          : `stopped acknowledging: ${failed.message}; restart the node`,
    },
    disk,
    storage,
    index: database.check,
    audit: checkAudit(config, audit.blocked),
  };
  return {
    ok: Object.values(checks).every((check) => check.ok),
    checks,
    facts: {
      aeTitle: config.node.aeTitle,
      role: config.node.role,
      associations: acceptor.associations(),
      unindexed: ingest.unindexed.count,
      ...database.totals,
      ...index.size(),
    },
  };
}

/** Levels for one scrape of `/metrics`. */
export async function readLevels({ config, index, store, acceptor, ingest, audit }: Measured): Promise<Levels> {
  const [{ patients, studies, series, instances, bytes }, pending, freeBytes, backlog] = await Promise.all([
    index.totals(),
    index.pendingCommitments(),
    store.freeBytes(),
    index.read('auditBacklog'),
  ]);
  return {
    patients,
    studies,
    series,
    instances,
    storedBytes: bytes,
    freeBytes,
    openAssociations: acceptor.associations(),
    pendingCommitments: pending.length,
    unindexed: ingest.unindexed.count,
    auditWaiting: backlog.messages,
    auditOldestSeconds: backlogAge(backlog, Date.now()) / 1000,
    auditOverdue: Number(isOverdue(backlog, config.audit, Date.now())),
    auditBlocked: Number(audit.blocked !== undefined),
  };
}

function checkAudit({ audit }: Config, blocked: Error | undefined): HealthCheck {
  if (audit.repository === null) return { ok: true, detail: 'off' };
  return blocked === undefined
    ? { ok: true, detail: 'messages are written down' }
    : {
        ok: false,
        detail: `messages cannot be written down, so C-FIND, C-MOVE and C-GET are refused: ${blocked.message}`,
      };
}

async function checkDisk(store: Observed['store'], reserveBytes: number): Promise<HealthCheck> {
  try {
    const free = await store.freeBytes();
    return free > reserveBytes
      ? { ok: true, detail: `${free} bytes free` }
      : {
          ok: false,
          detail: `${free} bytes free, storage.reserveBytes is ${reserveBytes}: C-STORE is answered A700 until there is space`,
        };
  } catch (error) {
    return { ok: false, detail: `storage.root cannot be read: ${String(error)}` };
  }
}

async function checkIndex(
  index: Observed['index'],
  blocked: Error | undefined,
): Promise<{ check: HealthCheck; totals: Readonly<Record<string, number>> }> {
  try {
    const totals = { ...(await index.totals()) };
    if (blocked === undefined) return { check: { ok: true, detail: 'answers' }, totals };
    return { check: { ok: false, detail: `takes no rows, C-STORE is answered A700: ${blocked.message}` }, totals };
  } catch (error) {
    return { check: { ok: false, detail: `the index does not answer: ${String(error)}` }, totals: {} };
  }
}
