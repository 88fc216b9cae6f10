import type { DocumentKind } from '../documents/document-types.ts';
import type { StatementCache } from '../reader/statement-cache.ts';
import type { CitizenPerson, DisplayDelay, Guardianship, OpenShare, Share } from './citizen-types.ts';

export function citizenDelays(statements: StatementCache): DisplayDelay[] {
  return statements
    .get('SELECT controller_oid, kind, days FROM citizen_delay ORDER BY controller_oid, kind')
    .all()
    .map((row) => ({ controllerOid: String(row[0]), kind: String(row[1]) as DocumentKind, days: Number(row[2]) }));
}

/** All rows of a child, ended ones too. */
export function citizenGuardians(statements: StatementCache, child: string): Guardianship[] {
  return statements
    .get(
      `SELECT id, child, guardian, valid_from, valid_until, health, recorded_at, recorded_by FROM guardianship
       WHERE child = ? ORDER BY id`,
    )
    .all(child)
    .map((row) => ({
      id: Number(row[0]),
      child: String(row[1]),
      guardian: String(row[2]),
      validFrom: String(row[3]),
      validUntil: String(row[4]),
      health: row[5] === 1,
      recordedAt: Number(row[6]),
      recordedBy: String(row[7]),
    }));
}

/** Somebody of whom nothing is recorded is alive, and protects nothing. */
export function citizenPerson(statements: StatementCache, person: string): CitizenPerson {
  const row = statements.get('SELECT deceased_on, non_disclosure FROM citizen_person WHERE person = ?').get(person);
  return { person, deceasedOn: String(row?.[0] ?? ''), nonDisclosure: row?.[1] === 1 };
}

/** The link of this token when it may be opened; that is not done yet. */
export function citizenShareFind(statements: StatementCache, tokenSha256: string, at: number): OpenShare | undefined {
  const row = statements
    .get(
      `SELECT id, person, made_by, documents FROM citizen_share
       WHERE token_sha256 = ? AND opened_at IS NULL AND ended_at IS NULL AND expires_at > ?`,
    )
    .get(Buffer.from(tokenSha256, 'hex'), at);
  if (row === undefined) return undefined;
  const documents = JSON.parse(String(row[3])) as string[];
  return { id: Number(row[0]), person: String(row[1]), madeBy: String(row[2]), documents };
}

/** Newest first. */
export function citizenShares(statements: StatementCache, person: string): Share[] {
  return statements
    .get(
      `SELECT id, person, made_by, documents, made_at, expires_at, opened_at, ended_at FROM citizen_share
       WHERE person = ? ORDER BY id DESC`,
    )
    .all(person)
    .map((row) => ({
      id: Number(row[0]),
      person: String(row[1]),
      madeBy: String(row[2]),
      documents: JSON.parse(String(row[3])) as string[],
      madeAt: Number(row[4]),
      expiresAt: Number(row[5]),
      openedAt: row[6] === null ? null : Number(row[6]),
      endedAt: row[7] === null ? null : Number(row[7]),
    }));
}
