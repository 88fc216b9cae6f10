import { statSync } from 'node:fs';
import type { SqliteDatabase } from '../database.ts';

/** From this size on the log is cut off even while work goes on. */
const WAL_LIMIT_BYTES = 64 * 1024 * 1024;
/** Below this an idle checkpoint is not worth its two fsyncs. */
const WAL_WORTHWHILE_BYTES = 256 * 1024;
const TRUNCATE_WAIT_MS = 20;

/** Moves the write-ahead log into the database when nobody waits for a commit. */
export class WalKeeper {
  readonly #db: SqliteDatabase;
  readonly #wal: string;

  constructor(db: SqliteDatabase) {
    this.#db = db;
    this.#wal = `${db.name}-wal`;
  }

  /** After a batch, with requests perhaps waiting: only when the log has grown past its limit. */
  afterBatch(): void {
    if (this.bytes() > WAL_LIMIT_BYTES) this.#truncate();
  }

  whenIdle(): void {
    if (this.bytes() > WAL_WORTHWHILE_BYTES) this.#db.pragma('wal_checkpoint(PASSIVE)');
  }

  atClose(): void {
    this.#truncate();
  }

  bytes(): number {
    return statSync(this.#wal, { throwIfNoEntry: false })?.size ?? 0;
  }

  // A slow reader must not hold the writer up: without its leave the log only gets copied, and is cut off next time.
  #truncate(): void {
    this.#db.pragma(`busy_timeout = ${TRUNCATE_WAIT_MS}`);
    try {
      this.#db.pragma('wal_checkpoint(TRUNCATE)');
    } finally {
      this.#db.pragma('busy_timeout = 5000');
    }
  }
}
