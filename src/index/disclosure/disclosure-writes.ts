import type { SqliteDatabase } from '../database.ts';
import type { Consent, NewWill, PutOutcome, WillEnd, WillRegister } from './disclosure-types.ts';
import { columnOf, toCell, willColumns, willFacts } from './will-columns-table.ts';

/** Consents, denials, informing, authorisations, care relationships. Nothing is deleted: rows end, and others follow them. */
export function disclosureWrites(db: SqliteDatabase) {
  return {
    willPut: (entries: readonly NewWill[]): PutOutcome[] => entries.map((entry) => put(db, entry)),
    /** False when there is no such row, or it has ended by then. */
    willEnd: (register: WillRegister, id: number, end: WillEnd): boolean => endWhere(db, register, 'id', id, end) > 0,
    /** Ends all that is in force, or comes to be, for a patient; gives their number. */
    willEndAll: (register: WillRegister, patientId: string, end: WillEnd): number =>
      endWhere(db, register, 'patient_id', patientId, end),
  };
}

function put(db: SqliteDatabase, { register, row }: NewWill): PutOutcome {
  const earlier = row.sourceId === '' ? undefined : latestOf(db, register, row.sourceId);
  if (earlier !== undefined) {
    if (saysNothingNew(register, row, earlier)) return { kind: 'known', id: Number(earlier['id']) };
    // What was recorded wrongly counts for no moment, and stays readable.
    db.prepare(`UPDATE ${register} SET valid_until = valid_from, ended_at = ?, ended_by = ? WHERE id = ?`).run(
      row.recordedAt,
      row.recordedBy,
      earlier['id'],
    );
  }
  const ended = register === 'consent' ? amongConsents(db, row) : {};
  const version = earlier === undefined ? 1 : Number(earlier['version']) + 1;
  const whole: Record<string, unknown> = { ...row, version, endedAt: null, endedBy: '', ...ended };
  const fields = willColumns(register)
    .map(([field]) => field)
    .filter((field) => field !== 'id');
  const { lastInsertRowid } = db
    .prepare(
      `INSERT INTO ${register} (${fields.map(columnOf).join(', ')}) VALUES (${fields.map(() => '?').join(', ')})`,
    )
    .run(...fields.map((field) => toCell(whole[field])));
  return { kind: earlier === undefined ? 'recorded' : 'replaced', id: Number(lastInsertRowid) };
}

/**
 * Whether a record that comes again is the one that is there. What has ended here since (a withdrawal, a later consent) stays ended: the
 * source that does not know of it must not bring it back into force.
 */
function saysNothingNew(register: WillRegister, row: NewWill['row'], earlier: Record<string, unknown>): boolean {
  const given = row as unknown as Record<string, unknown>;
  const differs = willFacts(register).filter((field) => toCell(given[field]) !== earlier[columnOf(field)]);
  if (differs.length === 0) return true;
  const isEnded = earlier['ended_at'] !== null;
  const endsLater = row.validUntil === null || row.validUntil > Number(earlier['valid_until']);
  return isEnded && endsLater && differs.every((field) => field === 'validUntil');
}

/** A consent that is given again is an update: one follows the other, in whatever order they are recorded. */
function amongConsents(
  db: SqliteDatabase,
  { patientId, validFrom, validUntil, recordedAt, recordedBy }: NewWill['row'],
): Partial<Pick<Consent, 'validUntil' | 'endedAt' | 'endedBy'>> {
  db.prepare(
    `UPDATE consent SET valid_until = ?, ended_at = ?, ended_by = ? WHERE patient_id = ? AND valid_from < ?
     AND (valid_until IS NULL OR valid_until > ?)`,
  ).run(validFrom, recordedAt, recordedBy, patientId, validFrom, validFrom);
  const next = db
    .prepare<unknown[], number | null>(
      `SELECT min(valid_from) FROM consent WHERE patient_id = ? AND valid_from > ? AND (valid_until IS NULL OR valid_until > valid_from)`,
    )
    .pluck()
    .get(patientId, validFrom);
  if (next === undefined || next === null || (validUntil !== null && validUntil <= next)) return {};
  return { validUntil: next, endedAt: recordedAt, endedBy: recordedBy };
}

function latestOf(db: SqliteDatabase, register: WillRegister, sourceId: string): Record<string, unknown> | undefined {
  return db
    .prepare<unknown[], Record<string, unknown>>(
      `SELECT * FROM ${register} WHERE source_id = ? ORDER BY version DESC LIMIT 1`,
    )
    .get(sourceId);
}

// What begins after its end counts for no moment: it ends where it begins.
function endWhere(
  db: SqliteDatabase,
  register: WillRegister,
  column: 'id' | 'patient_id',
  value: number | string,
  { validUntil, endedAt, endedBy }: WillEnd,
): number {
  return db
    .prepare(
      `UPDATE ${register} SET valid_until = max(valid_from, ?), ended_at = ?, ended_by = ? WHERE ${column} = ?
       AND (valid_until IS NULL OR valid_until > max(valid_from, ?))`,
    )
    .run(validUntil, endedAt, endedBy, value, validUntil).changes;
}
