/**
 * Bytes that come in pieces and are wanted whole. They are copied into a buffer that doubles, so that a peer who sends single bytes
 * pays with their number and not with an object each.
 */
export class GatheredBytes {
  readonly #limit: number;
  #bytes: Buffer | undefined;
  #length = 0;

  /** `limit`: the caller has checked that no more than this is added. */
  constructor(limit: number) {
    this.#limit = limit;
  }

  get length(): number {
    return this.#length;
  }

  add(view: Buffer): void {
    if (view.length === 0) return;
    if (this.#bytes === undefined) {
      // Most come in one piece.
      this.#bytes = Buffer.from(view);
    } else {
      this.#grow(this.#length + view.length);
      view.copy(this.#bytes, this.#length);
    }
    this.#length += view.length;
  }

  take(): Buffer {
    const whole = this.#bytes?.subarray(0, this.#length) ?? Buffer.alloc(0);
    this.clear();
    return whole;
  }

  clear(): void {
    this.#bytes = undefined;
    this.#length = 0;
  }

  #grow(needed: number): void {
    const bytes = this.#bytes!;
    if (needed <= bytes.length) return;
    const grown = Buffer.allocUnsafe(Math.min(Math.max(2 * needed, 1024), Math.max(this.#limit, needed)));
    bytes.copy(grown, 0, 0, this.#length);
    this.#bytes = grown;
  }
}
