import { accessLogWrites } from '../access-log/access-log-writes.ts';
import { auditWrites } from '../audit/audit-writes.ts';
import { citizenWrites } from '../citizen/citizen-writes.ts';
import type { SqliteDatabase } from '../database.ts';
import { documentWrites } from '../documents/document-writes.ts';
import { disclosureWrites } from '../disclosure/disclosure-writes.ts';
import { egressWrites } from '../egress/egress-writes.ts';
import { evictionWrites } from '../eviction/eviction-writes.ts';
import { nomenclatureWrites } from '../nomenclature/nomenclature-writes.ts';
import { readinessWrites } from '../readiness/readiness-writes.ts';
import { reconcileWrites } from '../reconcile/reconcile-writes.ts';
import { nationalRegisterWrites } from '../registers/register-writes.ts';
import { priorWrites } from '../priors/prior-writes.ts';
import { rebuildWrites } from '../rebuild/rebuild-writes.ts';
import { registerWrites } from './registers.ts';

/**
 * Changes beside the index proper, a group a concept. Each operation runs in a savepoint of the batch's transaction: what it writes
 * is committed as a whole or not at all.
 */
export function operationGroups(db: SqliteDatabase) {
  const accessLog = accessLogWrites(db);
  return {
    ...registerWrites(db),
    ...egressWrites(db),
    ...evictionWrites(db),
    ...rebuildWrites(db),
    ...reconcileWrites(db),
    ...nationalRegisterWrites(db),
    ...nomenclatureWrites(db),
    ...readinessWrites(db),
    ...documentWrites(db),
    ...priorWrites(db),
    ...accessLog,
    ...disclosureWrites(db),
    ...auditWrites(db),
    ...citizenWrites(db, accessLog),
  };
}

export type GroupOperations = ReturnType<typeof operationGroups>;
