import type { DataSetReceiver } from './assembler.ts';
import { AssociationProtocolError } from './association-errors.ts';
import { GatheredBytes } from './gathered-bytes.ts';

/** Keeps a small data set (identifier, action information) in memory, up to a limit. */
export class IdentifierReceiver implements DataSetReceiver {
  readonly #limit: number;
  readonly #done: (dataSet: Buffer) => void;
  readonly #bytes: GatheredBytes;

  constructor(limit: number, done: (dataSet: Buffer) => void) {
    this.#limit = limit;
    this.#done = done;
    this.#bytes = new GatheredBytes(limit);
  }

  write(view: Buffer): void {
    const length = this.#bytes.length + view.length;
    if (length > this.#limit) {
      throw new AssociationProtocolError('too-long', undefined, 'data set is longer than allowed in memory', {
        length,
        limit: this.#limit,
      });
    }
    this.#bytes.add(view);
  }

  end(): void {
    this.#done(this.#bytes.take());
  }

  abort(): void {
    this.#bytes.clear();
  }
}

/** Reads past the data set of a message that is answered without it. */
export class DiscardReceiver implements DataSetReceiver {
  readonly #done: () => void;

  constructor(done: () => void) {
    this.#done = done;
  }

  write(): void {}

  end(): void {
    this.#done();
  }

  abort(): void {}
}
