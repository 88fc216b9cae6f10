import { Worker } from 'node:worker_threads';
import type { ErrorParts } from '../error-parts.ts';
import { IndexError, IndexOpenError } from '../index-errors.ts';
import { threadPath } from '../../core/thread-path.ts';
import type { WriteRequest } from './group-commit.ts';
import type { WriteOperations, WriterOptions } from './index-writer.ts';
import type { WriterInput, WriterOutput } from './writer-messages.ts';

export interface WriterEvents {
  /** The index cannot be trusted any more: stop acknowledging, abort associations, exit. Called once. */
  onFatal(error: IndexError): void;
  /** After each commit; for metrics. */
  onBatch(batch: { readonly rows: number; readonly milliseconds: number }): void;
}

interface Waiting {
  resolve(value: unknown): void;
  reject(error: Error): void;
}

/** Durable notes ride on the next request; without one they leave after this time. */
const DURABLE_DELAY_MS = 100;
/** A thread that has failed is given this long to close its database. */
const FAILED_END_MS = 2000;

/** The near end of the writer thread: queues changes, resolves each when its transaction has been committed. */
export class WriterClient {
  readonly #worker: Worker;
  readonly #events: WriterEvents;
  readonly #waiting = new Map<number, Waiting>();
  readonly #ended: Promise<void>;
  #requests: WriteRequest[] = [];
  #durable: number[] = [];
  #scheduled = false;
  /** The thread has requests that it has not answered. */
  #busy = false;
  #durableTimer: NodeJS.Timeout | undefined;
  #lastId = 0;
  #failure: IndexError | undefined;

  private constructor(worker: Worker, events: WriterEvents) {
    this.#worker = worker;
    this.#events = events;
    this.#ended = new Promise((resolve) => worker.once('exit', () => resolve()));
    worker.on('message', (output: WriterOutput) => this.#take(output));
    // A bug in the thread leaves unknown what was committed: as fatal as an I/O error.
    worker.on('error', (error) =>
      this.#fatal(new IndexError('INDEX_FATAL', `The index writer failed: ${error.message}`, {}, error)),
    );
    worker.on('exit', () => this.#fail(new IndexError('INDEX_CLOSED', 'The index has been closed.')));
  }

  static async open(path: string, options: WriterOptions, events: WriterEvents): Promise<WriterClient> {
    const worker = new Worker(threadPath(import.meta.url, 'writer-thread'), { workerData: { path, ...options } });
    const [output] = await new Promise<[WriterOutput]>((resolve, reject) => {
      worker.once('message', (message: WriterOutput) => resolve([message]));
      worker.once('error', reject);
    });
    if (output.kind === 'open-failed')
      throw new IndexOpenError(output.error.code, output.error.message, output.error.facts);
    return new WriterClient(worker, events);
  }

  /** Resolves after COMMIT; rejects with IndexError. */
  run<Name extends keyof WriteOperations>(
    operation: Name,
    ...args: Parameters<WriteOperations[Name]>
  ): Promise<ReturnType<WriteOperations[Name]>> {
    if (this.#failure !== undefined) return Promise.reject(this.#failure);
    return new Promise((resolve, reject) => {
      this.#lastId += 1;
      this.#waiting.set(this.#lastId, {
        resolve: (value) => resolve(value as ReturnType<WriteOperations[Name]>),
        reject,
      });
      this.#requests.push({ id: this.#lastId, operation, args });
      this.#schedule();
    });
  }

  // One message at a time: what comes while the thread commits goes with the next one, and shares its commit.
  #schedule(): void {
    if (this.#scheduled || this.#busy) return;
    this.#scheduled = true;
    queueMicrotask(() => this.#flush(false));
  }

  markDurable(instanceId: number): void {
    this.#durable.push(instanceId);
    this.#durableTimer ??= setTimeout(() => this.#flush(false), DURABLE_DELAY_MS).unref();
  }

  /** Lets what was asked for end. After a failure the thread has no longer than a moment: nothing it writes counts any more. */
  async close(): Promise<void> {
    this.#flush(true);
    const end =
      this.#failure === undefined ? undefined : setTimeout(() => void this.#worker.terminate(), FAILED_END_MS);
    await this.#ended;
    clearTimeout(end);
  }

  #flush(close: boolean): void {
    clearTimeout(this.#durableTimer);
    this.#durableTimer = undefined;
    this.#scheduled = false;
    const input: WriterInput = { requests: this.#requests, durable: this.#durable, close };
    this.#busy ||= input.requests.length > 0;
    this.#requests = [];
    this.#durable = [];
    this.#worker.postMessage(input);
  }

  #take(output: WriterOutput): void {
    if (output.kind === 'fatal') this.#fatal(writeError(output.error));
    if (output.kind !== 'outcomes') return;
    this.#busy = false;
    if (this.#requests.length > 0) this.#flush(false);
    for (const outcome of output.outcomes) {
      const waiting = this.#waiting.get(outcome.id);
      this.#waiting.delete(outcome.id);
      if ('error' in outcome) waiting?.reject(writeError(outcome.error));
      else waiting?.resolve(outcome.value);
    }
    if (output.rows > 0) this.#events.onBatch({ rows: output.rows, milliseconds: output.batchMs });
  }

  #fatal(error: IndexError): void {
    if (this.#failure !== undefined) return;
    this.#fail(error);
    this.#events.onFatal(error);
  }

  #fail(error: IndexError): void {
    this.#failure ??= error;
    for (const waiting of this.#waiting.values()) waiting.reject(this.#failure);
    this.#waiting.clear();
  }
}

function writeError(parts: ErrorParts): IndexError {
  return new IndexError(parts.code, parts.message, parts.facts);
}
