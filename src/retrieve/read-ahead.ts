import { closeObject } from './opened-object.ts';
import type { OpenedObject } from './opened-object.ts';

/** An object whose turn has come. */
export interface Ahead<T> {
  readonly item: T;
  /** Whoever takes it closes it. */
  readonly opened: OpenedObject;
}

/** Objects that are read and hashed while those before them are sent. */
const MAX_OBJECTS = 64;
const MAX_BYTES = 8 * 1024 * 1024;

/**
 * Opens what comes next in good time: a receiver that answers at once never waits for the disk. Several are opened together, whenever
 * half of them have been taken, since a crossing to the thread that reads costs as much for many as for one.
 */
export class ReadAhead<T extends { readonly size: number }> implements AsyncDisposable {
  readonly #items: readonly T[];
  readonly #open: (item: T) => OpenedObject;
  readonly #ahead: Ahead<T>[] = [];
  #next = 0;
  #bytes = 0;

  constructor(items: readonly T[], open: (item: T) => OpenedObject) {
    this.#items = items;
    this.#open = open;
    this.#fill();
  }

  get isEmpty(): boolean {
    return this.#ahead.length === 0;
  }

  /** What has not been taken. */
  rest(): T[] {
    return [...this.#ahead.map(({ item }) => item), ...this.#items.slice(this.#next)];
  }

  /** The next object; undefined after the last one. */
  take(): Ahead<T> | undefined {
    const first = this.#ahead.shift();
    if (first === undefined) return undefined;
    this.#bytes -= first.item.size;
    if (this.#ahead.length <= MAX_OBJECTS / 2 && this.#bytes <= MAX_BYTES / 2) this.#fill();
    return first;
  }

  #fill(): void {
    while (this.#next < this.#items.length && this.#ahead.length < MAX_OBJECTS && this.#bytes < MAX_BYTES) {
      const item = this.#items[this.#next++]!;
      this.#bytes += item.size;
      this.#ahead.push({ item, opened: this.#open(item) });
    }
  }

  /** Lets go what was opened and not taken. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#next = this.#items.length;
    await Promise.all(this.#ahead.splice(0).map(({ opened }) => closeObject(opened)));
  }
}
