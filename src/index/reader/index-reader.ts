import { Worker } from 'node:worker_threads';
import type { ErrorParts } from '../error-parts.ts';
import { IndexError, IndexOpenError } from '../index-errors.ts';
import { threadPath } from '../../core/thread-path.ts';
import type { ReaderInput, ReaderOutput } from './reader-messages.ts';

interface Waiting {
  resolve(output: ReaderOutput): void;
  reject(error: Error): void;
}

/** The near end of one reader thread. */
export class IndexReader {
  readonly #worker: Worker;
  readonly #waiting = new Map<number, Waiting>();
  readonly #ended: Promise<void>;
  #failure: Error | undefined;

  private constructor(worker: Worker) {
    this.#worker = worker;
    this.#ended = new Promise((resolve) => worker.once('exit', () => resolve()));
    worker.on('message', (output: ReaderOutput) => this.#take(output));
    worker.on('error', (error) => this.#fail(error));
    worker.on('exit', () => this.#fail(new IndexError('INDEX_CLOSED', 'The index has been closed.')));
  }

  /** Starts the thread; its modules load while `ready` is awaited, which says that the schema is there. */
  static async open(path: string, ready: Promise<unknown>): Promise<IndexReader> {
    const worker = new Worker(threadPath(import.meta.url, 'reader-thread'), { workerData: { path } });
    const opened = new Promise<ReaderOutput>((resolve, reject) => {
      worker.once('message', resolve);
      worker.once('error', reject);
    });
    try {
      await Promise.race([ready, opened]);
      worker.postMessage({ id: 0, kind: 'open' } satisfies ReaderInput);
      const output = await opened;
      if (output.kind === 'open-failed')
        throw new IndexOpenError(output.error.code, output.error.message, output.error.facts);
      return new IndexReader(worker);
    } catch (error) {
      // `opened` may fail after `ready` has.
      opened.catch(() => undefined);
      await worker.terminate();
      throw error;
    }
  }

  /** Whether it can still be asked. */
  get alive(): boolean {
    return this.#failure === undefined;
  }

  /** Requests that have no answer yet. */
  get load(): number {
    return this.#waiting.size;
  }

  /** Sends a request that has exactly one answer. */
  ask(input: ReaderInput): Promise<ReaderOutput> {
    if (this.#failure !== undefined) return Promise.reject(this.#failure);
    return new Promise((resolve, reject) => {
      this.#waiting.set(input.id, { resolve, reject });
      this.#worker.postMessage(input);
    });
  }

  tell(input: ReaderInput): void {
    if (this.#failure === undefined) this.#worker.postMessage(input);
  }

  async close(): Promise<void> {
    this.tell({ id: 0, kind: 'stop' });
    await this.#ended;
  }

  #take(output: ReaderOutput): void {
    if (output.kind === 'opened' || output.kind === 'open-failed') return;
    const waiting = this.#waiting.get(output.id);
    this.#waiting.delete(output.id);
    if (output.kind === 'error') waiting?.reject(readError(output.error));
    else waiting?.resolve(output);
  }

  #fail(error: Error): void {
    this.#failure ??= error;
    for (const waiting of this.#waiting.values()) waiting.reject(this.#failure);
    this.#waiting.clear();
  }
}

function readError(parts: ErrorParts): Error {
  return new IndexError(parts.code, parts.message, parts.facts);
}
