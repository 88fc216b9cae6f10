import { packUid } from '../packed-uid.ts';
import type { SqlRunner } from '../writer/sql-runner.ts';
import type { LaterOccurrence, RejectionNote } from './rejection-types.ts';

/** What rejection notes say of an object that arrives. */
export interface RejectionVerdict {
  readonly later: LaterOccurrence;
  readonly code: string;
}

/** An instance as far as hiding it goes. */
export interface HiddenRow {
  readonly id: number;
  readonly seriesFk: number;
  readonly studyFk: number;
}

export interface NotedBy {
  readonly noteUid: Buffer;
  readonly organisation: string;
  readonly receivedAt: number;
}

// Of several notes the strictest counts.
const STRICTEST: readonly LaterOccurrence[] = ['refuse', 'hide', 'restore'];

/** Keeps what is rejected and what is therefore hidden. Costs an object nothing while there is no rejection note at all. */
export class RejectionWriter {
  readonly #sql: SqlRunner;
  #any: boolean | undefined;

  constructor(sql: SqlRunner) {
    this.#sql = sql;
  }

  /** Another connection may have noted the first rejection. */
  forget(): void {
    this.#any = undefined;
  }

  /** What holds for an object with this UID; undefined when nothing rejects it. */
  verdict(sopUid: Buffer, organisation: string): RejectionVerdict | undefined {
    this.#any ??= this.#sql.row('SELECT 1 FROM rejection LIMIT 1') !== undefined;
    if (!this.#any) return undefined;
    const rows = this.#sql
      .rows(
        'SELECT later, code FROM rejection WHERE sop_instance_uid = ? AND reverted_at IS NULL AND (organisation IS NULL OR organisation = ?)',
        sopUid,
        organisation,
      )
      .map((row): RejectionVerdict => ({ later: row[0] as LaterOccurrence, code: String(row[1]) }));
    return rows.toSorted((a, b) => STRICTEST.indexOf(a.later) - STRICTEST.indexOf(b.later))[0];
  }

  /**
   * An object that had expired has come again after the note (IHE IOCM, data retention): the rejection is undone, for the organisation that
   * sends it. The object, when it is shown again; undefined when it came before, or another's note hides it.
   */
  restore(sopUid: Buffer, organisation: string, receivedAt: number): HiddenRow | undefined {
    const reverted = this.#sql.run(
      `UPDATE rejection SET reverted_at = ? WHERE sop_instance_uid = ? AND reverted_at IS NULL AND noted_at < ?
       AND (organisation IS NULL OR organisation = ?)`,
      receivedAt,
      sopUid,
      receivedAt,
      organisation,
    );
    const row = reverted === 0 ? undefined : this.#rowOf(sopUid);
    if (row === undefined || this.verdict(sopUid, row.organisation) !== undefined) return undefined;
    this.show(row);
    return row;
  }

  /**
   * Writes a note down and hides what it names and what is here. One that was written down before keeps what has been undone of it. The
   * studies of which something is hidden.
   */
  note(note: RejectionNote, { noteUid, organisation, receivedAt }: NotedBy): ReadonlySet<number> {
    this.#any = true;
    const studies = new Set<number>();
    for (const { studyInstanceUid, sopInstanceUid } of note.references) {
      const [sopUid, studyUid] = [packUid(sopInstanceUid), packUid(studyInstanceUid)];
      if (sopUid === undefined || studyUid === undefined) continue;
      this.#sql.run(
        `INSERT INTO rejection (sop_instance_uid, note_uid, study_instance_uid, code, later, organisation, noted_at) VALUES (?, ?, ?, ?, ?, ?, ?)
         ON CONFLICT (sop_instance_uid, note_uid) DO NOTHING`,
        sopUid,
        noteUid,
        studyUid,
        note.code,
        note.later,
        note.ownObjectsOnly ? organisation : null,
        receivedAt,
      );
      const row = this.#rowOf(sopUid);
      if (row === undefined || this.verdict(sopUid, row.organisation) === undefined) continue;
      this.hide(row);
      studies.add(row.studyFk);
    }
    return studies;
  }

  /** The note itself is gone: what only it rejected is shown again. */
  dropNote(noteUid: Buffer): void {
    const named = this.#sql.rows('SELECT sop_instance_uid FROM rejection WHERE note_uid = ?', noteUid);
    this.#sql.run('DELETE FROM rejection WHERE note_uid = ?', noteUid);
    for (const [uid] of named) {
      const row = this.#rowOf(uid as Buffer);
      if (row !== undefined && this.verdict(uid as Buffer, row.organisation) === undefined) this.show(row);
    }
  }

  hide({ id, seriesFk, studyFk }: HiddenRow): void {
    const added = this.#sql.run(
      'INSERT INTO hidden_instance (id, series_fk, study_fk) VALUES (?, ?, ?) ON CONFLICT (id) DO NOTHING',
      id,
      seriesFk,
      studyFk,
    );
    if (added === 0) return;
    this.#sql.run(
      'INSERT INTO hidden_series (series_fk, study_fk, instances) VALUES (?, ?, 1) ON CONFLICT (series_fk) DO UPDATE SET instances = instances + 1',
      seriesFk,
      studyFk,
    );
    this.#sql.run(
      'INSERT INTO hidden_study (study_fk, instances) VALUES (?, 1) ON CONFLICT (study_fk) DO UPDATE SET instances = instances + 1',
      studyFk,
    );
  }

  /** Also before an instance is removed. */
  show({ id, seriesFk, studyFk }: HiddenRow): void {
    if (this.#sql.run('DELETE FROM hidden_instance WHERE id = ?', id) === 0) return;
    this.#sql.run('UPDATE hidden_series SET instances = instances - 1 WHERE series_fk = ?', seriesFk);
    this.#sql.run('DELETE FROM hidden_series WHERE series_fk = ? AND instances = 0', seriesFk);
    this.#sql.run('UPDATE hidden_study SET instances = instances - 1 WHERE study_fk = ?', studyFk);
    this.#sql.run('DELETE FROM hidden_study WHERE study_fk = ? AND instances = 0', studyFk);
  }

  #rowOf(sopUid: Buffer): (HiddenRow & { readonly organisation: string }) | undefined {
    const row = this.#sql.row(
      `SELECT i.id, i.series_fk, s.study_fk, b.organisation FROM instance i JOIN series s ON s.id = i.series_fk JOIN bucket b ON b.id = i.bucket_id
       WHERE i.sop_instance_uid = ?`,
      sopUid,
    );
    if (row === undefined) return undefined;
    return { id: Number(row[0]), seriesFk: Number(row[1]), studyFk: Number(row[2]), organisation: String(row[3]) };
  }
}
