import { Worker } from 'node:worker_threads';
import { threadPath } from '../../core/thread-path.ts';
import { StoreError, toStoreError } from '../store-errors.ts';
import type { ReadingThreadData, ReadOrder, ReadOrders, ReadReport, ReadResult, SlotOrder } from './read-messages.ts';
import { SharedSlots } from './shared-slots.ts';
import type { Slot } from './shared-slots.ts';

/** What was read into a slot; whoever gets it releases the slot. */
export interface Filled {
  readonly slot: Slot;
  readonly length: number;
  readonly sha256: string;
}

interface Waiting {
  readonly slot: Slot;
  readonly bytes: number;
  readonly askedAt: number;
  resolve(filled: Filled): void;
  reject(error: StoreError): void;
}

/** All that it makes are short-lived messages; with as much room for them as the program has it would fill it. */
const LIMITS = { maxYoungGenerationSizeMb: 4 };

/** The near end of one reading thread. What is ordered in one turn goes there in one message. */
export class ThreadClient {
  readonly #worker: Worker;
  readonly #slots = new SharedSlots();
  readonly #waiting = new Map<number, Waiting>();
  #orders: ReadOrder[] = [];
  #forget: number[] = [];
  #asked = 0;
  #files = 0;
  #load = 0;
  #readySince = Infinity;
  #failure: StoreError | undefined;
  /** Whether the disk was read for what came last: files that nobody has read of late are not in memory. */
  fromDisk = false;

  constructor(workerData: ReadingThreadData) {
    this.#worker = new Worker(threadPath(import.meta.url, 'reading-thread'), { resourceLimits: LIMITS, workerData });
    this.#worker.on('message', ({ results, fromDisk }: ReadReport) => {
      if (this.#readySince === Infinity) this.#readySince = performance.now();
      this.fromDisk = fromDisk;
      for (const result of results) this.#take(result);
    });
    this.#worker.on('error', (error) => this.#fail(toStoreError(error, 'read')));
    this.#worker.on('exit', () => this.#fail(new StoreError('STORE_STOPPED', 'The thread that reads has ended')));
  }

  get alive(): boolean {
    return this.#failure === undefined;
  }

  /** Bytes that are ordered and not there yet. */
  get load(): number {
    return this.#load;
  }

  /** Milliseconds that the oldest order has taken so far; the start of the thread does not count. */
  delay(now: number): number {
    const oldest = this.#waiting.values().next().value;
    return oldest === undefined ? 0 : now - Math.max(oldest.askedAt, this.#readySince);
  }

  /** A number for a file that is read in blocks. */
  nextFile(): number {
    return this.#files++;
  }

  /** Orders something to be read into a slot of so many bytes. Rejects with StoreError. */
  fill(bytes: number, order: (into: SlotOrder) => ReadOrder): Promise<Filled> {
    if (this.#failure !== undefined) return Promise.reject(this.#failure);
    return new Promise((resolve, reject) => {
      const { slot, isNew } = this.#slots.take(bytes);
      const id = this.#asked++;
      this.#load += bytes;
      this.#waiting.set(id, { slot, bytes, askedAt: performance.now(), resolve, reject });
      this.tell(order({ id, slot: slot.id, memory: isNew ? slot.memory : undefined }));
    });
  }

  /** Gives an order; those that are to be answered come by `fill`. */
  tell(order: ReadOrder): void {
    this.#orders.push(order);
    if (this.#orders.length > 1) return;
    queueMicrotask(() => {
      this.#worker.postMessage({ orders: this.#orders, forget: this.#forget } satisfies ReadOrders);
      this.#orders = [];
      this.#forget = [];
    });
  }

  /** `seen`: nobody looks at the slot any more, it serves again. Else it keeps its bytes until the collector finds that nobody does. */
  release(slot: Slot, seen: boolean): void {
    this.#forget.push(...(seen ? this.#slots.give(slot) : [slot.id]));
  }

  async close(): Promise<void> {
    await this.#worker.terminate();
  }

  #take(result: ReadResult): void {
    const { slot, bytes, resolve, reject } = this.#waiting.get(result.id)!;
    this.#waiting.delete(result.id);
    this.#load -= bytes;
    if (!('failure' in result)) return resolve({ slot, length: result.length, sha256: result.sha256 });
    this.release(slot, true);
    const { code, message } = result.failure;
    reject(toStoreError(Object.assign(new Error(message), { code }), 'read'));
  }

  #fail(error: StoreError): void {
    this.#failure ??= error;
    for (const { reject } of this.#waiting.values()) reject(this.#failure);
    this.#waiting.clear();
  }
}
