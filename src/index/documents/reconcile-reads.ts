import { unpackUid } from '../packed-uid.ts';
import type { StatementCache } from '../reader/statement-cache.ts';
import { RECONCILE_KINDS } from './document-types.ts';
import type { DocumentKind, ReconcileCount, ReconcileItem, ReconcileKind } from './document-types.ts';

/** How much there is of each kind; `before` (ms): what is older is overdue. */
export function reconcileCounts(statements: StatementCache, before: number): ReconcileCount[] {
  const rows = statements
    .get('SELECT kind, count(*), COALESCE(sum(since < ?), 0) FROM reconcile_item GROUP BY kind')
    .all(before);
  const refused = statements
    .get('SELECT count(*), COALESCE(sum(received_at < ?), 0) FROM document_refusal WHERE settled_at IS NULL')
    .get(before);
  const kinds = RECONCILE_KINDS.map((kind): ReconcileCount => {
    const row = rows.find(([name]) => name === kind);
    return { kind, items: Number(row?.[1] ?? 0), overdue: Number(row?.[2] ?? 0) };
  });
  return [
    ...kinds,
    { kind: 'refused-documents', items: Number(refused?.[0] ?? 0), overdue: Number(refused?.[1] ?? 0) },
  ];
}

/** Oldest first. */
export function reconcileList(
  statements: StatementCache,
  query: { readonly kind?: ReconcileKind; readonly before?: number; readonly limit: number },
): ReconcileItem[] {
  const wanted = [
    ['r.kind = ?', query.kind],
    ['r.since < ?', query.before],
  ] as const;
  const given = wanted.filter(([, value]) => value !== undefined);
  const where = given.length === 0 ? '' : ` WHERE ${given.map(([sql]) => sql).join(' AND ')}`;
  return statements
    .get(
      `SELECT r.kind, r.study_instance_uid, r.document_oid, r.since, r.detail, d.kind, COALESCE(d.patient_id, p.patient_id, '')
       FROM reconcile_item r LEFT JOIN care_document d ON d.oid = r.document_oid
       LEFT JOIN study t ON t.study_instance_uid = r.study_instance_uid LEFT JOIN patient p ON p.id = t.patient_fk${where}
       ORDER BY r.since, r.kind, r.study_instance_uid, r.document_oid LIMIT ?`,
    )
    .all(...given.map(([, value]) => value), query.limit)
    .map((row) => ({
      kind: row[0] as ReconcileKind,
      studyInstanceUid: (row[1] as Buffer).length === 0 ? null : unpackUid(row[1] as Buffer),
      documentOid: row[2] === '' ? null : String(row[2]),
      documentKind: row[5] as DocumentKind | null,
      patientId: String(row[6]),
      since: Number(row[3]),
      detail: String(row[4]),
    }));
}
