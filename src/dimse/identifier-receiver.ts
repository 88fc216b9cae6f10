import type { DataSetReceiver } from './assembler.ts';
import { AssociationProtocolError } from './association-errors.ts';

/** Keeps a small data set (identifier, action information) in memory, up to a limit. */
export class IdentifierReceiver implements DataSetReceiver {
  readonly #limit: number;
  readonly #done: (dataSet: Buffer) => void;
  #fragments: Buffer[] = [];
  #length = 0;

  constructor(limit: number, done: (dataSet: Buffer) => void) {
    this.#limit = limit;
    this.#done = done;
  }

  write(view: Buffer): void {
    this.#length += view.length;
    if (this.#length > this.#limit) {
      throw new AssociationProtocolError('too-long', undefined, 'data set is longer than allowed in memory', {
        length: this.#length,
        limit: this.#limit,
      });
    }
    this.#fragments.push(view);
  }

  end(): void {
    const only = this.#fragments.length === 1 ? this.#fragments[0] : undefined;
    this.#done(only ?? Buffer.concat(this.#fragments));
  }

  abort(): void {
    this.#fragments = [];
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
