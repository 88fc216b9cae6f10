/** Resolves after so many milliseconds, rejects when the signal fires. */
export type Sleep = (milliseconds: number, signal: AbortSignal) => Promise<void>;

export interface TokenBucketOptions {
  /** milliseconds, never going back */
  readonly now: () => number;
  readonly sleep: Sleep;
  /** bytes a second at this moment; null is no limit */
  readonly rate: () => number | null;
}

/** The bucket holds what may go in so many milliseconds: a pause is not made up for by a flood. */
const BURST_MS = 1000;
/** The rate changes by the clock; a long wait looks at it again. */
const MAX_WAIT_MS = 1000;

/**
 * Bandwidth of one destination, shared by all its associations. Whoever takes goes at once while the bucket is not empty and may leave it
 * in debt, so that a fragment larger than the bucket still goes; the next one waits until the debt is paid.
 */
export class TokenBucket {
  readonly #o: TokenBucketOptions;
  #tokens = 0;
  #at: number;
  #turn: Promise<void> = Promise.resolve();

  constructor(options: TokenBucketOptions) {
    this.#o = options;
    this.#at = options.now();
    this.#tokens = ((options.rate() ?? 0) * BURST_MS) / 1000;
  }

  /** Whether there is a limit now; without one nothing needs to be cut in pieces. */
  get limited(): boolean {
    return this.#o.rate() !== null;
  }

  /** Resolves when so many bytes may go, first come first served. @throws the signal's reason */
  async take(bytes: number, signal: AbortSignal): Promise<void> {
    const before = this.#turn;
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#turn = promise;
    try {
      await before;
      await this.#wait(signal);
      this.#tokens -= bytes;
    } finally {
      resolve();
    }
  }

  /** Goes at once, and those who wait for their turn pay for it. */
  spend(bytes: number): void {
    this.#refill(this.#o.rate());
    this.#tokens -= bytes;
  }

  async #wait(signal: AbortSignal): Promise<void> {
    for (;;) {
      signal.throwIfAborted();
      const rate = this.#o.rate();
      this.#refill(rate);
      if (rate === null || this.#tokens > 0) return;
      const missing = rate === 0 ? MAX_WAIT_MS : ((1 - this.#tokens) / rate) * 1000;
      await this.#o.sleep(Math.min(Math.ceil(missing), MAX_WAIT_MS), signal);
    }
  }

  #refill(rate: number | null): void {
    const now = this.#o.now();
    const elapsed = Math.max(0, now - this.#at);
    this.#at = now;
    if (rate === null) this.#tokens = 0;
    else this.#tokens = Math.min(this.#tokens + (elapsed * rate) / 1000, (rate * BURST_MS) / 1000);
  }
}
