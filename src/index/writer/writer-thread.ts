import { parentPort, receiveMessageOnPort, workerData } from 'node:worker_threads';
import { toError } from '../../core/errors.ts';
import type { KuvaError } from '../../core/errors.ts';
import { openWriter } from '../database.ts';
import type { SqliteDatabase } from '../database.ts';
import { errorParts } from '../error-parts.ts';
import type { ErrorParts } from '../error-parts.ts';
import { toIndexError } from '../sqlite-failures.ts';
import { GroupCommit } from './group-commit.ts';
import type { WriteRequest } from './group-commit.ts';
import { IndexWriter } from './index-writer.ts';
import type { WriterOptions } from './index-writer.ts';
import { WalKeeper } from './wal-keeper.ts';
import type { WriterInput, WriterOutput } from './writer-messages.ts';

/** So many requests share a commit at most: bounds the time that the first of them waits. */
const MAX_BATCH = 512;
const IDLE_MS = 250;

/** The only connection that writes, in its own thread: a commit blocks nobody but those who wait for it. */
class WriterThread {
  readonly #db: SqliteDatabase;
  readonly #writer: IndexWriter;
  readonly #group: GroupCommit;
  readonly #wal: WalKeeper;
  readonly #send: (output: WriterOutput) => void;
  readonly #end: () => void;
  #idle: NodeJS.Timeout | undefined;
  #broken: ErrorParts | undefined;

  /** `end` lets the thread exit. */
  constructor(db: SqliteDatabase, options: WriterOptions, send: (output: WriterOutput) => void, end: () => void) {
    this.#db = db;
    this.#writer = new IndexWriter(db, options);
    this.#group = new GroupCommit(db, this.#writer);
    this.#wal = new WalKeeper(db, (error) => this.#break(error));
    this.#send = send;
    this.#end = end;
  }

  /** `first` and whatever else has come in by now go into one commit. */
  take(first: WriterInput, more: () => WriterInput | undefined): void {
    clearTimeout(this.#idle);
    const requests: WriteRequest[] = [];
    let close = false;
    for (
      let input: WriterInput | undefined = first;
      input !== undefined;
      input = requests.length < MAX_BATCH ? more() : undefined
    ) {
      for (const request of input.requests) requests.push(request);
      this.#writer.noteDurable(input.durable);
      close ||= input.close;
    }
    if (requests.length > 0) this.#commit(requests);
    if (close) void this.#close();
    else this.#idle = setTimeout(() => this.#rest(), IDLE_MS);
  }

  #commit(requests: readonly WriteRequest[]): void {
    if (this.#broken !== undefined) {
      const error = this.#broken;
      this.#send({ kind: 'outcomes', outcomes: requests.map(({ id }) => ({ id, error })), batchMs: 0, rows: 0 });
      return;
    }
    const started = performance.now();
    const { outcomes, fatal } = this.#group.run(requests);
    const batchMs = performance.now() - started;
    if (fatal !== undefined) this.#break(fatal);
    this.#send({
      kind: 'outcomes',
      outcomes: outcomes.map((outcome) =>
        'error' in outcome ? { id: outcome.id, error: errorParts(outcome.error) } : outcome,
      ),
      batchMs,
      rows: requests.length,
    });
    if (fatal === undefined) this.#guard(() => this.#wal.afterBatch());
  }

  #rest(): void {
    this.#guard(() => {
      this.#writeDurableNotes();
      this.#wal.whenIdle();
    });
  }

  #writeDurableNotes(): void {
    if (this.#broken !== undefined || !this.#writer.hasDurableNotes()) return;
    const { fatal } = this.#group.run([]);
    if (fatal !== undefined) throw fatal;
  }

  async #close(): Promise<void> {
    this.#guard(() => this.#writeDurableNotes());
    try {
      if (this.#broken === undefined) await this.#wal.close();
      this.#db.close();
    } catch (thrown) {
      this.#fails(thrown);
    }
    this.#end();
  }

  /** Work that nobody waits for: only a fatal failure matters. */
  #guard(work: () => void): void {
    try {
      work();
    } catch (thrown) {
      this.#fails(thrown);
    }
  }

  #fails(thrown: unknown): void {
    const error = toIndexError(thrown, this.#db.name);
    if (error.code === 'INDEX_FATAL') this.#break(error);
  }

  #break(error: KuvaError): void {
    this.#broken = errorParts(error);
    this.#send({ kind: 'fatal', error: this.#broken });
  }
}

function start(): void {
  const port = parentPort;
  if (port === null) throw new TypeError('writer-thread runs as a worker thread');
  const send = (output: WriterOutput): void => port.postMessage(output);
  try {
    const { path, ...options } = workerData as { path: string } & WriterOptions;
    const thread = new WriterThread(openWriter(path), options, send, () => port.close());
    port.on('message', (input: WriterInput) => {
      thread.take(input, () => receiveMessageOnPort(port)?.message as WriterInput | undefined);
    });
    send({ kind: 'opened' });
  } catch (thrown) {
    send({ kind: 'open-failed', error: errorParts(toError(thrown)) });
    port.close();
  }
}

start();
