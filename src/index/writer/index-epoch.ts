import type { SqliteDatabase, SqliteStatement } from '../database.ts';

/**
 * Tells whether another connection has changed the index part, in two ways that together cost the adding of an instance nothing: a new
 * instance draws a higher id than all before it, and whatever else changes rows that writers remember raises the epoch. Commits of the
 * queue, the registers or the logs do neither.
 */
export class IndexEpoch {
  readonly #read: SqliteStatement;
  readonly #raise: SqliteStatement;
  #known: number | undefined;

  constructor(db: SqliteDatabase) {
    this.#read = db.prepare('SELECT epoch FROM index_state');
    this.#raise = db.prepare('UPDATE index_state SET epoch = epoch + 1 RETURNING epoch');
  }

  /** By a change that may leave others with rows that are gone. */
  raise(): void {
    this.#known = Number(this.#raise.get()?.['epoch']);
  }

  /** Whether it has been raised by another since the last question; yes when this is the first one. */
  hasRisen(): boolean {
    const now = Number(this.#read.get()?.['epoch']);
    const risen = now !== this.#known;
    this.#known = now;
    return risen;
  }

  /** After a rollback: what was raised has not been. */
  forget(): void {
    this.#known = undefined;
  }
}
