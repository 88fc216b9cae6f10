import type { Config } from '../config/schema.ts';
import type { Acceptor } from '../dimse/acceptor.ts';
import type { IndexService } from '../index/index-service.ts';
import type { HealthCheck, HealthReport } from '../observability/health.ts';
import type { Levels } from '../observability/metrics.ts';
import type { ObjectStore } from '../store/object-store.ts';

interface Observed {
  readonly index: Pick<IndexService, 'totals' | 'pendingCommitments' | 'size'>;
  readonly store: Pick<ObjectStore, 'freeBytes'>;
  readonly acceptor: Pick<Acceptor, 'associations'>;
}

interface Reported extends Observed {
  readonly config: Config;
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
  writable,
  failure,
}: Reported): Promise<HealthReport> {
  const failed = failure();
  const [disk, storage, database] = await Promise.all([
    checkDisk(store, config.storage.reserveBytes),
    writable(),
    checkIndex(index),
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
  };
  return {
    ok: Object.values(checks).every((check) => check.ok),
    checks,
    facts: {
      aeTitle: config.node.aeTitle,
      role: config.node.role,
      associations: acceptor.associations(),
      ...database.totals,
      ...index.size(),
    },
  };
}

/** Levels for one scrape of `/metrics`. */
export async function readLevels({ index, store, acceptor }: Observed): Promise<Levels> {
  const [{ patients, studies, series, instances, bytes }, pending, freeBytes] = await Promise.all([
    index.totals(),
    index.pendingCommitments(),
    store.freeBytes(),
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
): Promise<{ check: HealthCheck; totals: Readonly<Record<string, number>> }> {
  try {
    return { check: { ok: true, detail: 'answers' }, totals: { ...(await index.totals()) } };
  } catch (error) {
    return { check: { ok: false, detail: `the index does not answer: ${String(error)}` }, totals: {} };
  }
}
