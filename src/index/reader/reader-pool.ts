import type { FactsTaker } from '../disclosure/facts-codec.ts';
import type { InstanceRef, InstanceSelection } from '../index-types.ts';
import type { FindQuery, FindRow } from '../matching/find-query.ts';
import { IndexError } from '../index-errors.ts';
import { cancel, cancelCell, isCancelled } from './cancellation.ts';
import type { CancelCell } from './cancellation.ts';
import { IndexReader } from './index-reader.ts';
import type { ReadArguments, ReadOperation, ReadResult } from './read-operations.ts';
import type { AskedOf, FactsOfFind, ReaderInput, ReaderOutput } from './reader-messages.ts';

type Opening = AskedOf &
  (
    | { readonly kind: 'find'; readonly query: FindQuery; readonly facts: FactsOfFind }
    | { readonly kind: 'select'; readonly selection: InstanceSelection }
  );

/** A few reader threads; every request goes to the one with the least to do. */
export class ReaderPool {
  readonly #readers: readonly IndexReader[];
  #lastId = 0;

  private constructor(readers: readonly IndexReader[]) {
    this.#readers = readers;
  }

  /** Readers open the database when `ready` resolves, and not at all when it rejects. */
  static async open(path: string, size: number, ready: Promise<unknown>): Promise<ReaderPool> {
    const opened = await Promise.allSettled(
      Array.from({ length: Math.max(1, size) }, () => IndexReader.open(path, ready)),
    );
    const readers = opened.flatMap((each) => (each.status === 'fulfilled' ? [each.value] : []));
    const failed = opened.find((each) => each.status === 'rejected');
    if (failed === undefined) return new ReaderPool(readers);
    await Promise.all(readers.map((reader) => reader.close()));
    throw failed.reason;
  }

  async call<Name extends ReadOperation>(operation: Name, ...args: ReadArguments<Name>): Promise<ReadResult<Name>> {
    return this.callOf(undefined, operation, ...args);
  }

  /** `guest`: as `AskedOf` has it, here and below. */
  async callOf<Name extends ReadOperation>(
    guest: string | undefined,
    operation: Name,
    ...args: ReadArguments<Name>
  ): Promise<ReadResult<Name>> {
    const output = await this.#idlest().ask({ id: this.#nextId(), kind: 'call', operation, args, guest });
    return valueOf(output) as ReadResult<Name>;
  }

  async count(query: FindQuery, limit: number, signal: AbortSignal | undefined, guest?: string): Promise<number> {
    const cell = cancelCell();
    const stop = (): void => cancel(cell);
    signal?.addEventListener('abort', stop, { once: true });
    try {
      signal?.throwIfAborted();
      return Number(
        valueOf(await this.#idlest().ask({ id: this.#nextId(), kind: 'count', query, limit, cell, guest })),
      );
    } finally {
      signal?.removeEventListener('abort', stop);
    }
  }

  /** `learn` is told, before each batch, what deciding about its studies needs. */
  find(
    query: FindQuery,
    signal: AbortSignal | undefined,
    learn?: FactsTaker,
    guest?: string,
  ): AsyncGenerator<FindRow[], void> {
    const facts = learn === undefined ? 'none' : learn.wills ? 'wills' : 'studies';
    return this.#stream<FindRow>({ kind: 'find', query, facts, guest }, signal, learn);
  }

  select(
    selection: InstanceSelection,
    signal: AbortSignal | undefined,
    guest?: string,
  ): AsyncGenerator<InstanceRef[], void> {
    return this.#stream<InstanceRef>({ kind: 'select', selection, guest }, signal);
  }

  async close(): Promise<void> {
    await Promise.all(this.#readers.map((reader) => reader.close()));
  }

  /**
   * Batches as they are asked for, one read ahead. Ends silently when `signal` fires: what the caller answers to a
   * cancel is its own matter.
   */
  async *#stream<Row>(
    opening: Opening,
    signal: AbortSignal | undefined,
    learn?: FactsTaker,
  ): AsyncGenerator<Row[], void> {
    if (signal?.aborted === true) return;
    const reader = this.#idlest();
    const id = this.#nextId();
    const cell = cancelCell();
    const stop = (): void => cancel(cell);
    signal?.addEventListener('abort', stop, { once: true });
    let pending: Promise<ReaderOutput> | undefined = reader.ask(openingInput(id, opening, cell));
    try {
      while (pending !== undefined) {
        const output: ReaderOutput = await pending;
        pending = undefined;
        if (output.kind !== 'batch' || isCancelled(cell)) return;
        if (!output.done) {
          pending = reader.ask({ id, kind: 'next' });
          // Its failure is met when the next batch is asked for, or not at all.
          pending.catch(() => undefined);
        }
        if (output.facts !== undefined) learn?.take(output.facts);
        if (output.rows.length > 0) yield output.rows as Row[];
      }
    } finally {
      signal?.removeEventListener('abort', stop);
      cancel(cell);
      if (pending !== undefined) reader.tell({ id, kind: 'close' });
    }
  }

  // A thread that has died has nothing to do: it must not draw every request.
  #idlest(): IndexReader {
    const [first, ...others] = this.#readers.filter((reader) => reader.alive);
    if (first === undefined) throw new IndexError('INDEX_CLOSED', 'The index has been closed.');
    return others.reduce((best, reader) => (reader.load < best.load ? reader : best), first);
  }

  #nextId(): number {
    this.#lastId += 1;
    return this.#lastId;
  }
}

function openingInput(id: number, opening: Opening, cell: CancelCell): ReaderInput {
  return { ...opening, id, cell };
}

function valueOf(output: ReaderOutput): unknown {
  return output.kind === 'value' ? output.value : undefined;
}
