interface Sourced {
  readonly source: string;
}

/**
 * Whose turn it is: every source gets the same share of what is sent, however much it has waiting. The cost of each job is put on its
 * source's account, and the lowest account goes next.
 */
export class FairShare {
  readonly #accounts = new Map<string, number>();

  /** The first of the items whose source has had least; `waiting` is everything that waits, the items among it. */
  next<T extends Sourced>(items: readonly T[], waiting: readonly Sourced[]): T | undefined {
    this.#admit(waiting);
    let best: T | undefined;
    for (const item of items) {
      if (best === undefined || this.#balance(item.source) < this.#balance(best.source)) best = item;
    }
    return best;
  }

  charge(source: string, cost: number): void {
    this.#accounts.set(source, this.#balance(source) + cost);
  }

  /** A source that had nothing waiting has saved nothing up: it begins level with the one that has had least. */
  #admit(waiting: readonly Sourced[]): void {
    const present = new Set(waiting.map(({ source }) => source));
    const known = [...present].filter((source) => this.#accounts.has(source)).map((source) => this.#balance(source));
    const level = known.length === 0 ? 0 : Math.min(...known);
    for (const source of this.#accounts.keys()) if (!present.has(source)) this.#accounts.delete(source);
    for (const source of present) if (!this.#accounts.has(source)) this.#accounts.set(source, level);
  }

  #balance(source: string): number {
    return this.#accounts.get(source) ?? 0;
  }
}
