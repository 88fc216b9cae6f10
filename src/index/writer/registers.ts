import type { SqliteDatabase } from '../database.ts';
import type { AeRow, NewCommitment } from '../index-types.ts';

/** Writes to the AE register and to the storage commitment tasks. */
export function registerWrites(db: SqliteDatabase) {
  const aes = new AeWriter(db);
  const commitments = new CommitmentWriter(db);
  return {
    aePut: (row: AeRow): void => aes.put(row),
    aeRemove: (aet: string): boolean => aes.remove(aet),
    addCommitment: (task: NewCommitment): number => commitments.add(task),
    commitmentDone: (id: number): void => commitments.done(id),
    commitmentFailed: (id: number, error: string, nextAttemptAt: number | null): void =>
      commitments.failed(id, error, nextAttemptAt),
  };
}

class AeWriter {
  readonly #db: SqliteDatabase;

  constructor(db: SqliteDatabase) {
    this.#db = db;
  }

  put(row: AeRow): void {
    const columns = [
      'aet',
      'host',
      'port',
      'tls',
      'organisation',
      'addresses',
      'called_aets',
      'services',
      'max_sub_associations',
      'quality_control',
      'description',
      'certificates',
    ];
    this.#db
      .prepare(
        `INSERT INTO ae (${columns.join(', ')}) VALUES (${columns.map(() => '?').join(', ')})
         ON CONFLICT (aet) DO UPDATE SET ${columns
           .slice(1)
           .map((name) => `${name} = excluded.${name}`)
           .join(', ')}`,
      )
      .run(
        row.aet,
        row.host,
        row.port,
        row.tls ? 1 : 0,
        row.organisation,
        JSON.stringify(row.addresses),
        JSON.stringify(row.calledAETs),
        JSON.stringify(row.services),
        row.maxSubAssociations,
        row.qualityControl ? 1 : 0,
        row.description,
        JSON.stringify(row.certificates),
      );
  }

  remove(aet: string): boolean {
    return this.#db.prepare('DELETE FROM ae WHERE aet = ?').run(aet).changes > 0;
  }
}

class CommitmentWriter {
  readonly #db: SqliteDatabase;

  constructor(db: SqliteDatabase) {
    this.#db = db;
  }

  /** The id of the task. The same transaction asked again starts over: the requester has not got its report. */
  add(task: NewCommitment): number {
    const row = this.#db
      .prepare<unknown[], { id: number }>(
        `INSERT INTO commitment (transaction_uid, calling_aet, called_aet, references_json, requested_at, state, next_attempt_at)
         VALUES (?, ?, ?, ?, ?, 'PENDING', ?)
         ON CONFLICT (calling_aet, transaction_uid) DO UPDATE SET called_aet = excluded.called_aet, references_json = excluded.references_json,
         requested_at = excluded.requested_at, state = 'PENDING', attempts = 0, next_attempt_at = excluded.next_attempt_at, last_error = ''
         RETURNING id`,
      )
      .get(
        task.transactionUid,
        task.callingAET,
        task.calledAET,
        JSON.stringify(task.references),
        task.requestedAt,
        task.requestedAt,
      );
    if (row === undefined) throw new TypeError('INSERT … RETURNING gave no row');
    return row.id;
  }

  done(id: number): void {
    this.#db
      .prepare("UPDATE commitment SET state = 'DONE', attempts = attempts + 1, last_error = '' WHERE id = ?")
      .run(id);
  }

  /** `nextAttemptAt` in ms; null gives the task up, it stays listed with its error. */
  failed(id: number, error: string, nextAttemptAt: number | null): void {
    this.#db
      .prepare(
        'UPDATE commitment SET state = ?, attempts = attempts + 1, next_attempt_at = ?, last_error = ? WHERE id = ?',
      )
      .run(nextAttemptAt === null ? 'GIVEN_UP' : 'PENDING', nextAttemptAt ?? 0, error.slice(0, 1024), id);
  }
}
