import { closeObject } from './send-object.ts';
import type { OpenedObject } from './send-object.ts';

export interface ReadAheadOptions<T> {
  readonly open: (item: T) => OpenedObject;
  /** bytes that an object takes in memory while it waits */
  readonly bytes: (item: T) => number;
}

/** Objects that are read and hashed while those before them are sent. */
const MAX_OBJECTS = 6;
const MAX_BYTES = 4 * 1024 * 1024;

/** Opens what comes next in good time: an archive that answers at once never waits for the disk. */
export class ReadAhead<T> implements AsyncDisposable {
  readonly #items: readonly T[];
  readonly #o: ReadAheadOptions<T>;
  readonly #opened: { readonly object: OpenedObject; readonly bytes: number }[] = [];
  #next = 0;
  #bytes = 0;

  constructor(items: readonly T[], options: ReadAheadOptions<T>) {
    this.#items = items;
    this.#o = options;
  }

  /** The next object, opened; whoever takes it closes it. Called once for each item, in their order. */
  take(): OpenedObject {
    this.#fill(1);
    const { object, bytes } = this.#opened.shift()!;
    this.#bytes -= bytes;
    this.#fill(0);
    return object;
  }

  /** At least so many, and as many as there is room for. */
  #fill(least: number): void {
    while (this.#next < this.#items.length && (this.#opened.length < least || this.#hasRoom())) {
      const item = this.#items[this.#next++]!;
      const bytes = this.#o.bytes(item);
      this.#bytes += bytes;
      this.#opened.push({ object: this.#o.open(item), bytes });
    }
  }

  #hasRoom(): boolean {
    return this.#opened.length < MAX_OBJECTS && this.#bytes < MAX_BYTES;
  }

  /** Lets go what was opened and not taken. */
  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all(this.#opened.splice(0).map(({ object }) => closeObject(object)));
  }
}
