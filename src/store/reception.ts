import { BlockQueue } from './block-queue.ts';
import { memoryContent, spoolContent } from './content.ts';
import type { Content } from './content.ts';
import type { StreamDigests } from './digest/stream-digests.ts';
import type { FreeSpace } from './free-space.ts';
import type { MemoryBudget } from './memory-budget.ts';
import type { Publications, Sealed } from './publications.ts';
import type { Quarantine, QuarantineReason } from './quarantine.ts';
import { SpoolFile } from './spool-file.ts';
import { StoreError, SyncFailedError, toStoreError } from './store-errors.ts';
import type { StoreFs } from './store-fs.ts';

export interface ReceptionOptions {
  readonly fs: StoreFs;
  readonly spoolPath: string;
  readonly budget: MemoryBudget;
  readonly digests: StreamDigests;
  readonly space: FreeSpace;
  readonly publications: Publications;
  readonly quarantine: Quarantine;
  readonly onFatal: (error: SyncFailedError) => void;
  readonly onEnd: () => void;
}

// Writes smaller than this wait for more, unless memory is short or the object has ended.
const WORTH_WRITING = 256 * 1024;

/**
 * One object on its way in. Small ones stay in memory until their hash names them, larger ones go to a spool file. After a failure
 * (disk full) the rest is taken and thrown away, and `seal` tells the reason: the peer is owed an answer, not an abort.
 * It must end with exactly one of `seal`, `quarantine` and `abort`.
 */
export class Reception {
  readonly #o: ReceptionOptions;
  readonly #queue: BlockQueue;
  #bytes = 0;
  /** Bytes that the budget counts for this reception: queued, or being written. */
  #held = 0;
  #direct = 0;
  #spool: SpoolFile | undefined;
  #flushing: Promise<void> | undefined;
  #failure: StoreError | undefined;
  #ended = false;
  #closed = false;
  #waiters: (() => void)[] = [];

  constructor(options: ReceptionOptions) {
    this.#o = options;
    this.#queue = new BlockQueue(options.budget.pool);
  }

  /** Bytes taken, file meta information included. */
  get bytes(): number {
    return this.#bytes;
  }

  /** Takes the bytes of a chunk, which may be used again at once. False: wait for `drained()` before the next one. */
  write(chunk: Buffer): boolean {
    if (this.#ended) throw new StoreError('RECEPTION_ENDED', 'An object was written to after its end');
    this.#bytes += chunk.length;
    if (this.#failure !== undefined) return true;
    const { budget } = this.#o;
    this.#queue.push(chunk);
    this.#held += chunk.length;
    budget.add(chunk.length);
    if (this.#spool === undefined) {
      if (this.#bytes <= budget.limits.direct && !budget.exceeded && budget.reserveDirect(chunk.length)) {
        this.#direct += chunk.length;
        return true;
      }
      this.#spool = this.#beginSpool();
    }
    this.#flush(this.#spool);
    return this.#held <= budget.limits.high && !budget.exceeded;
  }

  /** Settles when writing may go on; never rejects. */
  drained(): Promise<void> {
    if (this.#mayGoOn()) return Promise.resolve();
    if (this.#spool !== undefined) this.#flush(this.#spool);
    return new Promise((resolve) => {
      this.#waiters.push(resolve);
    });
  }

  /** Gives the object its final name and starts to make it durable. @throws StoreError; then nothing is left behind */
  async seal(): Promise<Sealed> {
    try {
      const { sha256, content } = await this.#content();
      return await this.#o.publications.publish(sha256, this.#bytes, content);
    } finally {
      this.#end();
    }
  }

  /** Sets the bytes aside instead, durably when this resolves. @returns the path of the file @throws StoreError */
  async quarantine(reason: QuarantineReason): Promise<string> {
    try {
      const { sha256, content } = await this.#content();
      return await this.#o.quarantine.keep(sha256, this.#bytes, content, reason);
    } catch (error) {
      if (error instanceof SyncFailedError) this.#o.onFatal(error);
      throw error;
    } finally {
      this.#end();
    }
  }

  /** Forgets the object. Never rejects. */
  async abort(): Promise<void> {
    if (this.#ended) return;
    this.#fail(new StoreError('RECEPTION_ABORTED', 'The reception of an object was aborted'));
    this.#ended = true;
    await this.#flushing;
    await this.#spool?.discard();
    this.#end();
  }

  #beginSpool(): SpoolFile {
    const { fs, space, budget, digests, spoolPath } = this.#o;
    this.#queue.hashElsewhere();
    this.#releaseDirect();
    return new SpoolFile(fs, space, budget.pool, digests.begin(), spoolPath);
  }

  async #content(): Promise<{ sha256: string; content: Content }> {
    if (this.#ended) throw new StoreError('RECEPTION_ENDED', 'An object was ended twice');
    this.#ended = true;
    const { fs, space, budget } = this.#o;
    if (this.#spool === undefined) {
      if (!space.takeQuickly(this.#bytes)) await space.take(this.#bytes);
      const blocks = this.#queue.takeAll();
      return { sha256: this.#queue.digest(), content: memoryContent(blocks, () => budget.pool.give(blocks)) };
    }
    try {
      await this.#flushing;
      this.#flush(this.#spool);
      await this.#flushing;
      if (this.#failure !== undefined) throw this.#failure;
      const { sha256, fd } = await this.#spool.giveAway();
      return { sha256, content: spoolContent(fs, this.#spool.path, fd) };
    } catch (error) {
      await this.#spool.discard();
      throw this.#fail(toStoreError(error, 'write'));
    }
  }

  #flush(spool: SpoolFile): void {
    if (this.#flushing !== undefined || !this.#worthWriting()) return;
    this.#flushing = this.#drain(spool).finally(() => {
      this.#flushing = undefined;
      this.#wake();
      // The budget may have been exceeded since the last look: nobody may wait while nothing is being written.
      if (this.#waiters.length > 0) this.#flush(spool);
    });
  }

  async #drain(spool: SpoolFile): Promise<void> {
    try {
      // All that comes in one turn is there, and perhaps the end: a small rest is not worth a write of its own.
      await new Promise(setImmediate);
      while (this.#worthWriting()) {
        const written = await spool.append(this.#queue, this.#ended);
        this.#release(written);
        this.#wake();
      }
    } catch (error) {
      this.#fail(toStoreError(error, 'write'));
    }
  }

  #worthWriting(): boolean {
    if (this.#failure !== undefined || this.#queue.bytes === 0) return false;
    return this.#ended || this.#queue.bytes >= WORTH_WRITING || this.#o.budget.exceeded;
  }

  #fail(failure: StoreError): StoreError {
    if (this.#failure !== undefined) return this.#failure;
    this.#failure = failure;
    if (failure instanceof SyncFailedError) this.#o.onFatal(failure);
    this.#letGo();
    this.#wake();
    return failure;
  }

  #mayGoOn(): boolean {
    return (
      this.#failure !== undefined ||
      this.#held === 0 ||
      (this.#held <= this.#o.budget.limits.low && !this.#o.budget.exceeded)
    );
  }

  #wake(): void {
    if (!this.#mayGoOn()) return;
    const waiters = this.#waiters;
    this.#waiters = [];
    for (const resolve of waiters) resolve();
  }

  #release(bytes: number): void {
    const released = Math.min(bytes, this.#held);
    this.#held -= released;
    this.#o.budget.release(released);
  }

  #letGo(): void {
    this.#o.budget.pool.give(this.#queue.takeAll());
    this.#release(this.#held);
    this.#releaseDirect();
  }

  #releaseDirect(): void {
    this.#o.budget.releaseDirect(this.#direct);
    this.#direct = 0;
  }

  #end(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#letGo();
    this.#wake();
    this.#o.onEnd();
  }
}
