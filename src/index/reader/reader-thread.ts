import { parentPort, workerData } from 'node:worker_threads';
import { toError } from '../../core/errors.ts';
import { openReader } from '../database.ts';
import type { SqliteDatabase } from '../database.ts';
import { errorParts } from '../error-parts.ts';
import { GuestViews } from '../guests/guest-views.ts';
import { toIndexError } from '../sqlite-failures.ts';
import { countMatches, FindCursor } from './find-cursor.ts';
import type { Cursor } from './find-cursor.ts';
import { READ_OPERATIONS } from './read-operations.ts';
import type { AskedOf, ReaderInput, ReaderOutput } from './reader-messages.ts';
import { SelectCursor } from './select-cursor.ts';
import { StatementCache } from './statement-cache.ts';

/** One read-only connection that serves calls and cursors. */
class ReaderThread {
  readonly #db: SqliteDatabase;
  readonly #statements: StatementCache;
  readonly #guests: GuestViews;
  readonly #cursors = new Map<number, Cursor<unknown>>();
  readonly #send: (output: ReaderOutput) => void;

  constructor(db: SqliteDatabase, send: (output: ReaderOutput) => void) {
    this.#db = db;
    this.#statements = new StatementCache(db);
    this.#guests = new GuestViews(db.name);
    this.#send = send;
  }

  async take(input: ReaderInput): Promise<void> {
    try {
      await this.#serve(input);
    } catch (thrown) {
      this.#cursors.delete(input.id);
      const sqlite = thrown instanceof Error && 'code' in thrown;
      this.#send({ kind: 'error', id: input.id, error: errorParts(sqlite ? toIndexError(thrown) : toError(thrown)) });
    }
  }

  async #serve(input: ReaderInput): Promise<void> {
    switch (input.kind) {
      case 'call': {
        const operation = READ_OPERATIONS[input.operation] as (
          statements: StatementCache,
          ...args: readonly unknown[]
        ) => unknown;
        this.#send({ kind: 'value', id: input.id, value: operation(this.#asked(input), ...input.args) });
        return;
      }
      case 'count':
        this.#send({
          kind: 'value',
          id: input.id,
          value: await countMatches(this.#asked(input), input.query, input.limit, input.cell),
        });
        return;
      case 'find':
        return this.#open(input.id, new FindCursor(this.#asked(input), input.query, input.cell, input.facts));
      case 'select':
        return this.#open(input.id, new SelectCursor(this.#asked(input), input.selection, input.cell));
      case 'next':
        return this.#next(input.id);
      case 'close':
        this.#cursors.delete(input.id);
        return;
      case 'stop':
        this.#db.close();
        return;
      case 'open':
    }
  }

  #asked({ guest }: AskedOf): StatementCache {
    return guest === undefined ? this.#statements : this.#guests.of(guest);
  }

  #open(id: number, cursor: Cursor<unknown>): Promise<void> {
    this.#cursors.set(id, cursor);
    return this.#next(id);
  }

  async #next(id: number): Promise<void> {
    const cursor = this.#cursors.get(id);
    if (cursor === undefined) return;
    const { rows, done, facts } = await cursor.next();
    if (done) this.#cursors.delete(id);
    this.#send({ kind: 'batch', id, rows, done, facts });
  }
}

function open(send: (output: ReaderOutput) => void): ReaderThread | undefined {
  try {
    const thread = new ReaderThread(openReader((workerData as { path: string }).path), send);
    send({ kind: 'opened' });
    return thread;
  } catch (thrown) {
    send({ kind: 'open-failed', error: errorParts(toError(thrown)) });
    return undefined;
  }
}

function start(): void {
  const port = parentPort;
  if (port === null) throw new TypeError('reader-thread runs as a worker thread');
  const send = (output: ReaderOutput): void => port.postMessage(output);
  let thread: ReaderThread | undefined;
  port.on('message', (input: ReaderInput) => {
    if (input.kind === 'open') thread = open(send);
    else void thread?.take(input);
    if (input.kind === 'stop' || thread === undefined) port.close();
  });
}

start();
