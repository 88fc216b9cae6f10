import { once } from 'node:events';
import { statSync } from 'node:fs';
import { Worker } from 'node:worker_threads';
import type { SqliteDatabase } from '../database.ts';
import { IndexError } from '../index-errors.ts';
import { threadPath } from '../thread-path.ts';
import type { CheckpointOutcome } from './checkpoint-thread.ts';

/** From this growth on the log is copied while work goes on. */
const COPY_BYTES = 8 * 1024 * 1024;
/** From this size on it is cut off: most of it has been copied by then, so the commit that does it waits little. */
const LIMIT_BYTES = 64 * 1024 * 1024;
/** Below this an idle checkpoint is not worth its two fsyncs. */
const WORTHWHILE_BYTES = 256 * 1024;
const TRUNCATE_WAIT_MS = 20;

/** Moves the write-ahead log into the database, and nobody's commit waits for it. */
export class WalKeeper {
  readonly #db: SqliteDatabase;
  readonly #wal: string;
  readonly #onFatal: (error: IndexError) => void;
  readonly #thread: Worker;
  #copying = false;
  #copiedAt = 0;

  constructor(db: SqliteDatabase, onFatal: (error: IndexError) => void) {
    this.#db = db;
    this.#wal = `${db.name}-wal`;
    this.#onFatal = onFatal;
    this.#thread = new Worker(threadPath('./writer/checkpoint-thread'), { workerData: { path: db.name } });
    this.#thread.on('message', (outcome: CheckpointOutcome) => this.#copied(outcome));
    this.#thread.on('error', (error) =>
      onFatal(new IndexError('INDEX_FATAL', 'The checkpoint thread failed', {}, error)),
    );
    this.#thread.unref();
  }

  afterBatch(): void {
    const bytes = this.#bytes();
    // The log has been started again from its beginning.
    if (bytes < this.#copiedAt) this.#copiedAt = 0;
    if (bytes > LIMIT_BYTES && !this.#copying) this.#truncate();
    else if (bytes > this.#copiedAt + COPY_BYTES) this.#copy(bytes);
  }

  whenIdle(): void {
    const bytes = this.#bytes();
    if (bytes > WORTHWHILE_BYTES) this.#copy(bytes);
  }

  /** The log is copied and cut: what remains is one file. */
  async close(): Promise<void> {
    this.#thread.ref();
    const ended = once(this.#thread, 'exit');
    this.#thread.postMessage('close');
    await ended;
    this.#truncate();
  }

  #copy(bytes: number): void {
    if (this.#copying) return;
    this.#copying = true;
    this.#copiedAt = bytes;
    this.#thread.postMessage('copy');
  }

  #copied({ error }: CheckpointOutcome): void {
    this.#copying = false;
    if (error?.code === 'INDEX_FATAL') this.#onFatal(new IndexError(error.code, error.message, error.facts));
  }

  #bytes(): number {
    return statSync(this.#wal, { throwIfNoEntry: false })?.size ?? 0;
  }

  // A slow reader must not hold the writer up: without its leave the log only gets copied, and is cut off next time.
  #truncate(): void {
    this.#db.pragma(`busy_timeout = ${TRUNCATE_WAIT_MS}`);
    try {
      this.#db.pragma('wal_checkpoint(TRUNCATE)');
      this.#copiedAt = 0;
    } finally {
      this.#db.pragma('busy_timeout = 5000');
    }
  }
}
