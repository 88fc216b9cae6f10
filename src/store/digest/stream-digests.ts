import { createHash } from 'node:crypto';
import { Worker } from 'node:worker_threads';
import { threadPath } from '../../core/thread-path.ts';
import { StoreError, toStoreError } from '../store-errors.ts';
import type { DigestAnswer, DigestOrder } from './digest-messages.ts';

/** The SHA-256 of bytes that come piece by piece. It must end with exactly one of `tell` and `forget`. */
export interface StreamDigest {
  /** Resolves when nobody looks at these blocks any more. Rejects with StoreError. */
  add(blocks: readonly Buffer[]): Promise<void>;
  /** In hex, of all that was added. Rejects with StoreError. */
  tell(): Promise<string>;
  forget(): void;
}

interface Waiting {
  resolve(sha256: string | undefined): void;
  reject(error: StoreError): void;
}

/**
 * Hashes large objects on a thread of its own: at 1.2 GB/s the hash would take most of the thread that receives them. Blocks of the
 * shared memory are not copied on their way. What begins before the thread is there is hashed where it is received.
 */
export class StreamDigests implements AsyncDisposable {
  readonly #memory: SharedArrayBuffer;
  readonly #waiting = new Map<number, Waiting>();
  #thread: Worker | undefined;
  #online = false;
  #serial = 0;
  #digests = 0;

  constructor(memory: SharedArrayBuffer) {
    this.#memory = memory;
  }

  /** Starts the thread, unless it runs; resolves when it is there, or has failed. */
  async start(): Promise<void> {
    if (this.#thread !== undefined) return;
    const thread = new Worker(threadPath(import.meta.url, 'digest-thread'), { workerData: { memory: this.#memory } });
    this.#thread = thread;
    thread.on('message', ({ serial, sha256 }: DigestAnswer) => {
      this.#waiting.get(serial)?.resolve(sha256);
      this.#waiting.delete(serial);
    });
    await new Promise<void>((resolve) => {
      thread.on('online', () => {
        this.#online = true;
        resolve();
      });
      thread.on('error', (error) => this.#ended(thread, toStoreError(error, 'hash')));
      thread.on('exit', () => {
        this.#ended(thread, stopped());
        resolve();
      });
    });
  }

  begin(): StreamDigest {
    const thread = this.#thread;
    if (thread !== undefined && this.#online) return this.#elsewhere(thread);
    void this.start();
    return here();
  }

  #elsewhere(thread: Worker): StreamDigest {
    const digest = this.#digests++;
    const order = (blocks: readonly Buffer[], next: DigestOrder['next']): Promise<string | undefined> => {
      if (this.#thread !== thread) return Promise.reject(stopped());
      return new Promise((resolve, reject) => {
        const serial = this.#serial++;
        this.#waiting.set(serial, { resolve, reject });
        const places = blocks.map((block) =>
          block.buffer === this.#memory ? { at: block.byteOffset, length: block.length } : block,
        );
        thread.postMessage({ serial, digest, blocks: places, next } satisfies DigestOrder);
      });
    };
    return {
      add: async (blocks) => void (await order(blocks, 'more')),
      tell: async () => (await order([], 'tell'))!,
      forget: () => void order([], 'forget').catch(() => undefined),
    };
  }

  // What is received next begins another one.
  #ended(thread: Worker, error: StoreError): void {
    if (this.#thread !== thread) return;
    this.#thread = undefined;
    this.#online = false;
    for (const { reject } of this.#waiting.values()) reject(error);
    this.#waiting.clear();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#thread?.terminate();
  }
}

function here(): StreamDigest {
  const hash = createHash('sha256');
  return {
    add: async (blocks) => {
      for (const block of blocks) hash.update(block);
    },
    tell: async () => hash.digest('hex'),
    forget: () => undefined,
  };
}

function stopped(): StoreError {
  return new StoreError('STORE_STOPPED', 'The thread that hashes large objects has ended');
}
