import type { Config } from '../config/schema.ts';
import type { NewAuditMessage } from '../index/audit/audit-types.ts';
import { localUser } from './audit-actors.ts';
import { spooledForm } from './audit-trail.ts';
import { dataImport, documentGroups } from './events/media-events.ts';

interface Imported {
  readonly oid: string;
  readonly patientId: string;
  readonly uri: string;
  readonly refused: string;
}

/** Tells of care documents that come in files (PS3.15 A.5.3.5); of nothing when no repository is configured. */
export function documentAudit({ audit, node }: Config): (imported: Imported) => NewAuditMessage[] {
  if (audit.repository === null) return () => [];
  const source = { id: node.aeTitle, enterpriseSite: audit.enterpriseSite };
  const by = localUser();
  return ({ oid, patientId, uri, refused }) =>
    documentGroups(patientId, [oid]).map((objects) => {
      const outcome = refused === '' ? ({ outcome: 0 } as const) : ({ outcome: 8, outcomeText: refused } as const);
      return spooledForm(dataImport({ at: Date.now(), by, media: uri, objects, ...outcome }), source);
    });
}
