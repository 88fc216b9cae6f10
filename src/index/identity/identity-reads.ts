import { packUid, unpackUid } from '../packed-uid.ts';
import type { Cell, StatementCache } from '../reader/statement-cache.ts';
import type { IdentityChange } from './identity-types.ts';
import { identityOf } from './stored-identity.ts';

const CHANGE = `SELECT c.id, c.kind, c.from_patient_id, c.from_issuer, c.identity, c.reason, c.actor, c.at, c.undone_at, c.undone_by
  FROM identity_change c`;

export interface IdentityChangeQuery {
  readonly limit: number;
  /** Continue with what is older than this one. */
  readonly beforeId: number;
  /** Of these two at most one. */
  readonly studyInstanceUid?: string;
  readonly patientId?: string;
}

/** Newest first. */
export function identityChanges(statements: StatementCache, query: IdentityChangeQuery): IdentityChange[] {
  const { limit, beforeId, studyInstanceUid, patientId } = query;
  const uid = studyInstanceUid === undefined ? null : (packUid(studyInstanceUid) ?? Buffer.alloc(0));
  return statements
    .get(
      `${CHANGE} WHERE c.id < @beforeId
       AND (@uid IS NULL OR EXISTS (SELECT 1 FROM identity_correction x WHERE x.change_id = c.id AND x.study_instance_uid = @uid))
       AND (@patientId IS NULL OR c.from_patient_id = @patientId OR json_extract(c.identity, '$.patientId') = @patientId)
       ORDER BY c.id DESC LIMIT @limit`,
    )
    .all({ limit, beforeId, uid, patientId: patientId ?? null })
    .map((row) => changeOf(statements, row));
}

/** What is known of a patient by its id, the newest first; empty when no study is here under it. */
export function knownIdentity(
  statements: StatementCache,
  patientId: string,
  issuer: string | null,
): { readonly issuer: string; readonly name: string; readonly birthDate: string; readonly sex: string }[] {
  return statements
    .get(
      `SELECT DISTINCT issuer, name, birth_date, sex FROM patient WHERE patient_id = ? AND (issuer = ? OR ? IS NULL) ORDER BY id DESC`,
    )
    .all(patientId, issuer, issuer)
    .map(([its, name, birthDate, sex]) => ({
      issuer: String(its),
      name: String(name),
      birthDate: String(birthDate),
      sex: String(sex),
    }));
}

function changeOf(statements: StatementCache, row: readonly Cell[]): IdentityChange {
  return {
    id: Number(row[0]),
    kind: row[1] === 'merge' ? 'merge' : 'move',
    fromPatientId: String(row[2]),
    fromIssuer: row[3] === null ? null : String(row[3]),
    identity: identityOf(row[4])!,
    reason: String(row[5]),
    actor: String(row[6]),
    at: Number(row[7]),
    undoneAt: row[8] === null ? null : Number(row[8]),
    undoneBy: String(row[9]),
    studyInstanceUids: statements
      .get('SELECT DISTINCT study_instance_uid FROM identity_correction WHERE change_id = ?')
      .all(row[0])
      .map(([uid]) => unpackUid(uid as Buffer)),
  };
}
