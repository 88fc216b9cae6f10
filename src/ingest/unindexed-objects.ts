import { errorCode, toError } from '../core/errors.ts';
import type { ObjectStore } from '../store/object-store.ts';
import type { Sealed } from '../store/publications.ts';
import { adoptObject } from './adopt-object.ts';
import type { KnownOfObject } from './adopt-object.ts';
import type { IngestEvents, ReceivingIndex } from './ingest-types.ts';
import type { RejectionRules } from './note-collector.ts';

export interface UnindexedOptions {
  readonly store: Pick<ObjectStore, 'open'>;
  readonly index: ReceivingIndex;
  readonly rejections: RejectionRules;
  readonly events: Pick<IngestEvents, 'unindexed' | 'indexedLater'>;
  /** Monotonic milliseconds. */
  readonly now: () => number;
}

interface Waiting {
  readonly sealed: Sealed;
  readonly known: KnownOfObject;
}

// Another object would fare no better; whatever else fails may be the object's own fault.
const TAKES_NOTHING: ReadonlySet<string> = new Set(['INDEX_FULL', 'INDEX_READ_ONLY']);
const RETRY_MS = 5000;
/** A sender that tries again at once costs no more than this many attempts. */
const ASKED_MS = 1000;

/**
 * Objects whose file is durable and whose row the index did not take; their senders were told A700. The file cannot be removed, for
 * another association or an import may just have found it there and be told that it is kept. So it gets its row as soon as there is
 * room, and as long as there is none nothing more is published. The store's mark waits for these objects: after a crash or a
 * stop the next start's recovery indexes them.
 */
export class UnindexedObjects implements Disposable {
  readonly #o: UnindexedOptions;
  readonly #waiting = new Map<string, Waiting>();
  #timer: NodeJS.Timeout | undefined;
  #attempt: Promise<void> | undefined;
  #attemptedAt = Number.NEGATIVE_INFINITY;
  #blocked: Error | undefined;
  #disposed = false;

  constructor(o: UnindexedOptions) {
    this.#o = o;
  }

  get count(): number {
    return this.#waiting.size;
  }

  /** Why the index takes no object at present; undefined when it does. */
  get blocked(): Error | undefined {
    return this.#blocked;
  }

  /** Takes over an object from its reception: `done` is called when it is indexed. */
  keep(sealed: Sealed, known: KnownOfObject, error: Error): void {
    if (TAKES_NOTHING.has(errorCode(error))) {
      this.#blocked = error;
      this.#attemptedAt = this.#o.now();
    }
    void sealed.close();
    if (this.#waiting.has(sealed.sha256)) {
      void sealed.done();
      return;
    }
    this.#waiting.set(sealed.sha256, { sealed, known });
    this.#o.events.unindexed(this.#waiting.size, error);
    this.#wait();
  }

  /** Before one more object is published. @throws what keeps the index from taking any */
  async admit(): Promise<void> {
    if (this.#blocked === undefined) return;
    if (this.#o.now() - this.#attemptedAt >= ASKED_MS) await this.#retry();
    if (this.#blocked !== undefined) throw this.#blocked;
  }

  #wait(): void {
    if (this.#timer !== undefined || this.#disposed) return;
    this.#timer = setTimeout(() => {
      this.#timer = undefined;
      void this.#retry();
    }, RETRY_MS);
    this.#timer.unref();
  }

  #retry(): Promise<void> {
    return (this.#attempt ??= this.#indexAll().finally(() => {
      this.#attempt = undefined;
      this.#attemptedAt = this.#o.now();
      if (this.#waiting.size > 0) this.#wait();
    }));
  }

  /** Until the first that fails; that one comes last the next time. */
  async #indexAll(): Promise<void> {
    let indexed = 0;
    for (const [sha256, waiting] of this.#waiting) {
      if (this.#disposed) return;
      try {
        await this.#indexOne(sha256, waiting.known);
      } catch (error) {
        this.#waiting.delete(sha256);
        this.#waiting.set(sha256, waiting);
        this.#blocked = TAKES_NOTHING.has(errorCode(error)) ? toError(error) : undefined;
        break;
      }
      this.#blocked = undefined;
      this.#waiting.delete(sha256);
      await waiting.sealed.done();
      indexed += 1;
    }
    if (indexed > 0) this.#o.events.indexedLater(indexed);
  }

  async #indexOne(sha256: string, known: KnownOfObject): Promise<void> {
    const { store, index, rejections } = this.#o;
    if ((await index.indexedObjects([sha256])).has(sha256)) return;
    try {
      await adoptObject({ store, index, known, rejections }, sha256);
    } catch (error) {
      // Somebody has removed the file; its sender was told that it is not kept.
      if (errorCode(error) !== 'OBJECT_MISSING') throw error;
    }
  }

  [Symbol.dispose](): void {
    this.#disposed = true;
    clearTimeout(this.#timer);
  }
}
