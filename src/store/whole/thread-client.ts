import { Worker } from 'node:worker_threads';
import { threadPath } from '../../core/thread-path.ts';
import { StoreError, toStoreError } from '../store-errors.ts';
import type { ReadOrder, ReadOrders, ReadReport, ReadResult } from './read-messages.ts';
import { SharedSlots } from './shared-slots.ts';
import type { Slot } from './shared-slots.ts';

/** A file in memory. */
export interface WholeFile {
  /** as many as the file has, one more than asked for at most */
  readonly bytes: Buffer;
  /** in hex; '' when it was not asked for, or the file is of another size */
  readonly sha256: string;
  /** To be called once. `seen`: nobody looks at the bytes any more, their memory serves for another file. */
  release(seen: boolean): void;
}

interface Waiting {
  readonly slot: Slot;
  readonly size: number;
  readonly askedAt: number;
  resolve(file: WholeFile): void;
  reject(error: StoreError): void;
}

/** The near end of one reading thread. What is asked of it in one turn goes there in one message. */
export class ThreadClient {
  readonly #worker: Worker;
  readonly #slots = new SharedSlots();
  readonly #waiting = new Map<number, Waiting>();
  #orders: ReadOrder[] = [];
  #forget: number[] = [];
  #asked = 0;
  #load = 0;
  #started = Infinity;
  #failure: StoreError | undefined;
  /** Whether the disk was read for what came last: files that nobody has read of late are not in memory. */
  fromDisk = false;

  constructor() {
    this.#worker = new Worker(threadPath(import.meta.url, 'reading-thread'));
    this.#worker.once('online', () => (this.#started = performance.now()));
    this.#worker.on('message', ({ results, fromDisk }: ReadReport) => {
      this.fromDisk = fromDisk;
      for (const result of results) this.#take(result);
    });
    this.#worker.on('error', (error) => this.#fail(toStoreError(error, 'read')));
    this.#worker.on('exit', () => this.#fail(new StoreError('STORE_STOPPED', 'The thread that reads has ended')));
  }

  get alive(): boolean {
    return this.#failure === undefined;
  }

  /** Bytes that are asked for and not there yet. */
  get load(): number {
    return this.#load;
  }

  /** Milliseconds that the oldest of them has taken so far; the start of the thread does not count. */
  delay(now: number): number {
    const oldest = this.#waiting.values().next().value;
    return oldest === undefined ? 0 : now - Math.max(oldest.askedAt, this.#started);
  }

  /** Rejects with StoreError. */
  read(path: string, size: number, hashed: boolean): Promise<WholeFile> {
    if (this.#failure !== undefined) return Promise.reject(this.#failure);
    return new Promise((resolve, reject) => {
      const { slot, isNew } = this.#slots.take(size + 1);
      const id = this.#asked++;
      this.#load += size;
      this.#waiting.set(id, { slot, size, askedAt: performance.now(), resolve, reject });
      this.#order({ id, path, size, hashed, slot: slot.id, memory: isNew ? slot.memory : undefined });
    });
  }

  async close(): Promise<void> {
    await this.#worker.terminate();
  }

  #order(order: ReadOrder): void {
    this.#orders.push(order);
    if (this.#orders.length > 1) return;
    queueMicrotask(() => {
      this.#worker.postMessage({ reads: this.#orders, forget: this.#forget } satisfies ReadOrders);
      this.#orders = [];
      this.#forget = [];
    });
  }

  #take(result: ReadResult): void {
    const { slot, size, resolve, reject } = this.#waiting.get(result.id)!;
    this.#waiting.delete(result.id);
    this.#load -= size;
    if ('failure' in result) {
      this.#forget.push(...this.#slots.give(slot));
      const { code, message } = result.failure;
      return reject(toStoreError(Object.assign(new Error(message), { code }), 'read'));
    }
    const { length, sha256 } = result;
    resolve({
      bytes: Buffer.from(slot.memory, 0, length),
      sha256,
      // What may still be on its way out keeps its memory until the collector finds that it has left.
      release: (seen) => void this.#forget.push(...(seen ? this.#slots.give(slot) : [slot.id])),
    });
  }

  #fail(error: StoreError): void {
    this.#failure ??= error;
    for (const { reject } of this.#waiting.values()) reject(this.#failure);
    this.#waiting.clear();
  }
}
