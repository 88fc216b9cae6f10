import type { NewLogEntry } from '../access-log/access-log-types.ts';
import type { accessLogWrites } from '../access-log/access-log-writes.ts';
import type { SqliteDatabase } from '../database.ts';
import type { CitizenPerson, DisplayDelay, NewGuardianship, NewShare } from './citizen-types.ts';

/** What the citizen's view is decided by, and the links that citizens give away. */
export function citizenWrites(db: SqliteDatabase, log: Pick<ReturnType<typeof accessLogWrites>, 'accessLogAppend'>) {
  return {
    citizenDelayPut({ controllerOid, kind, days }: DisplayDelay): void {
      db.prepare(
        `INSERT INTO citizen_delay (controller_oid, kind, days) VALUES (?, ?, ?)
         ON CONFLICT (controller_oid, kind) DO UPDATE SET days = excluded.days`,
      ).run(controllerOid, kind, days);
    },

    /** The number of the row. */
    citizenGuardianAdd(row: NewGuardianship): number {
      const { child, guardian, validFrom, validUntil, health, recordedAt, recordedBy } = row;
      const { lastInsertRowid } = db
        .prepare(
          `INSERT INTO guardianship (child, guardian, valid_from, valid_until, health, recorded_at, recorded_by)
           VALUES (?, ?, ?, ?, ?, ?, ?)`,
        )
        .run(child, guardian, validFrom, validUntil, health ? 1 : 0, recordedAt, recordedBy);
      return Number(lastInsertRowid);
    },

    /** `validUntil` is its last day. False when there is no such row, or none that lasts longer. */
    citizenGuardianEnd(id: number, validUntil: string): boolean {
      const end = db.prepare(
        "UPDATE guardianship SET valid_until = ? WHERE id = ? AND (valid_until = '' OR valid_until > ?)",
      );
      return end.run(validUntil, id, validUntil).changes > 0;
    },

    citizenPersonPut({ person, deceasedOn, nonDisclosure }: CitizenPerson, updatedAt: number): void {
      db.prepare(
        `INSERT INTO citizen_person (person, deceased_on, non_disclosure, updated_at) VALUES (?, ?, ?, ?)
         ON CONFLICT (person) DO UPDATE SET deceased_on = excluded.deceased_on, non_disclosure = excluded.non_disclosure,
         updated_at = excluded.updated_at`,
      ).run(person, deceasedOn, nonDisclosure ? 1 : 0, updatedAt);
    },

    citizenShareAdd({ tokenSha256, person, madeBy, documents, madeAt, expiresAt }: NewShare): number {
      const { lastInsertRowid } = db
        .prepare(
          `INSERT INTO citizen_share (token_sha256, person, made_by, documents, made_at, expires_at) VALUES (?, ?, ?, ?, ?, ?)`,
        )
        .run(Buffer.from(tokenSha256, 'hex'), person, madeBy, JSON.stringify(documents), madeAt, expiresAt);
      return Number(lastInsertRowid);
    },

    /** Uses up a link, and puts into the disclosure log what it gave; false, and nothing is done, when it may not be opened any more. */
    citizenShareOpen(tokenSha256: string, at: number, disclosed: readonly NewLogEntry[]): boolean {
      const open = db.prepare(
        'UPDATE citizen_share SET opened_at = ? WHERE token_sha256 = ? AND opened_at IS NULL AND ended_at IS NULL AND expires_at > ?',
      );
      if (open.run(at, Buffer.from(tokenSha256, 'hex'), at).changes === 0) return false;
      log.accessLogAppend('disclosure', disclosed);
      return true;
    },

    /** False when it is not there, not of this person, or opened or ended already. */
    citizenShareEnd(id: number, person: string, at: number): boolean {
      const end = db.prepare(
        'UPDATE citizen_share SET ended_at = ? WHERE id = ? AND person = ? AND opened_at IS NULL AND ended_at IS NULL',
      );
      return end.run(at, id, person).changes > 0;
    },
  };
}
