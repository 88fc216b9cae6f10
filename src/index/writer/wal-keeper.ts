import { once } from 'node:events';
import { statSync } from 'node:fs';
import { Worker } from 'node:worker_threads';
import { toError } from '../../core/errors.ts';
import type { SqliteDatabase, SqliteStatement } from '../database.ts';
import { IndexError } from '../index-errors.ts';
import { toIndexError } from '../sqlite-failures.ts';
import { threadPath } from '../../core/thread-path.ts';
import type { CheckpointOutcome } from './checkpoint-thread.ts';

/** A log of so many frames (of a page each, 8 MiB) is copied while work goes on. */
const COPY_FRAMES = 2048;
/** Below this an idle checkpoint is not worth its two fsyncs. */
const WORTHWHILE_FRAMES = 64;
/** The log is asked for its length once in so many commits: a commit adds some tens of frames. */
const LOOK_EVERY = 8;
/** A log that a slow reader has let grow so long is cut off, not kept. */
const LIMIT_BYTES = 64 * 1024 * 1024;
const TRUNCATE_WAIT_MS = 20;

/**
 * Moves the write-ahead log into the database, and nobody's commit waits for it. A log that has been copied is written again from its
 * beginning, not cut off: a commit that lengthens the file makes the file system write about where it lies, which takes twice as long.
 */
export class WalKeeper {
  readonly #db: SqliteDatabase;
  readonly #wal: string;
  readonly #onFatal: (error: IndexError) => void;
  readonly #thread: Worker;
  readonly #length: SqliteStatement;
  #commits = 0;
  #copying = false;
  /** Length of the log when it was last copied: a reader may keep what it sees from being copied. */
  #copiedAt = 0;

  constructor(db: SqliteDatabase, onFatal: (error: IndexError) => void) {
    this.#db = db;
    this.#wal = `${db.name}-wal`;
    this.#length = db.prepare('PRAGMA wal_checkpoint(NOOP)');
    this.#onFatal = onFatal;
    this.#thread = new Worker(threadPath(import.meta.url, 'checkpoint-thread'), { workerData: { path: db.name } });
    this.#thread.on('message', (outcome: CheckpointOutcome) => this.#copied(outcome));
    this.#thread.on('error', (error) =>
      onFatal(new IndexError('INDEX_FATAL', 'The checkpoint thread failed', {}, error)),
    );
    this.#thread.unref();
  }

  afterBatch(): void {
    this.#commits += 1;
    if (this.#commits % LOOK_EVERY !== 0) return;
    const { frames, left } = this.#look();
    // It has been started again.
    if (frames < this.#copiedAt) this.#copiedAt = 0;
    if (left >= COPY_FRAMES && frames >= this.#copiedAt + COPY_FRAMES) this.#copy(frames);
  }

  whenIdle(): void {
    const { frames, left } = this.#look();
    if (left >= WORTHWHILE_FRAMES) this.#copy(frames);
  }

  /** The log is copied and cut: what remains is one file. */
  async close(): Promise<void> {
    this.#thread.ref();
    const ended = once(this.#thread, 'exit');
    this.#thread.postMessage('close');
    await ended;
    this.#truncate();
  }

  #copy(frames: number): void {
    if (this.#copying) return;
    this.#copying = true;
    this.#copiedAt = frames;
    this.#thread.postMessage('copy');
  }

  #copied({ error }: CheckpointOutcome): void {
    this.#copying = false;
    if (error?.code === 'INDEX_FATAL') this.#onFatal(new IndexError(error.code, error.message, error.facts));
    else if (error === undefined) this.#startAgain();
  }

  // What has been committed while the rest was copied is little. The next commit starts at the beginning when no reader needs the log.
  #startAgain(): void {
    try {
      if ((statSync(this.#wal, { throwIfNoEntry: false })?.size ?? 0) > LIMIT_BYTES) this.#truncate();
      else this.#db.pragma('wal_checkpoint(PASSIVE)');
    } catch (thrown) {
      const error = toIndexError(toError(thrown), this.#db.name);
      if (error.code === 'INDEX_FATAL') this.#onFatal(error);
    }
  }

  /** Frames of the log, and those of them that have not been copied. */
  #look(): { frames: number; left: number } {
    const { log, checkpointed } = this.#length.get() ?? {};
    return { frames: Number(log), left: Number(log) - Number(checkpointed) };
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
