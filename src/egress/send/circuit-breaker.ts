/** Milliseconds. */
export interface BreakerPolicy {
  /** failures in a row that open it */
  readonly threshold: number;
  /** how long it stays open the first time; doubled by each probe that fails */
  readonly openFor: number;
  readonly maxOpenFor: number;
}

export type BreakerState = 'closed' | 'open' | 'half-open';

/** What an administrator is told of it. */
export interface BreakerReport {
  readonly state: BreakerState;
  readonly failures: number;
  /** ms since 1970; when the next probe is due, while it is open */
  readonly probeAt: number | null;
  /** why it is not closed */
  readonly cause: string;
}

/**
 * Spares a destination that is in trouble, and the queue the wait for it: after so many failures in a row nothing is sent until a
 * single probe has succeeded.
 *
 *     closed ──threshold failures, or one that is sure──▶ open ──time──▶ half-open ──probe succeeds──▶ closed
 *                                                          ▲                │
 *                                                          └──probe fails───┘
 */
export class CircuitBreaker {
  readonly #policy: BreakerPolicy;
  readonly #now: () => number;
  #state: BreakerState = 'closed';
  #failures = 0;
  #openings = 0;
  #probeAt = 0;
  #cause = '';

  constructor(policy: BreakerPolicy, now: () => number) {
    this.#policy = policy;
    this.#now = now;
  }

  /** `send`: go ahead; `probe`: the caller, and nobody else, asks whether the destination is back; `wait`: nothing may go. */
  admit(): 'send' | 'probe' | 'wait' {
    if (this.#state === 'closed') return 'send';
    if (this.#state === 'half-open' || this.#now() < this.#probeAt) return 'wait';
    this.#state = 'half-open';
    return 'probe';
  }

  /** Whether `admit` would say wait. */
  get blocks(): boolean {
    return this.#state === 'half-open' || (this.#state === 'open' && this.#now() < this.#probeAt);
  }

  /** An operation, or the probe, was answered. */
  succeeded(): void {
    // What was under way when it opened says nothing of the destination as it is now; the probe does.
    if (this.#state === 'open') return;
    this.#state = 'closed';
    this.#failures = 0;
    this.#openings = 0;
    this.#cause = '';
  }

  /** `sure`: one such failure is enough, the destination itself said that nothing will go. */
  failed(cause: string, sure = false): void {
    this.#failures += 1;
    this.#cause = cause;
    if (
      this.#state === 'half-open' ||
      (this.#state === 'closed' && (sure || this.#failures >= this.#policy.threshold))
    ) {
      this.#open();
    }
  }

  /** A probe that came to no answer through no fault of the destination: somebody else may ask. */
  abandon(): void {
    if (this.#state === 'half-open') this.#state = 'open';
  }

  /** Somebody knows better: the next probe is due at once. */
  probeNow(): void {
    if (this.#state === 'open') this.#probeAt = Math.min(this.#probeAt, this.#now());
  }

  #open(): void {
    const { openFor, maxOpenFor } = this.#policy;
    this.#state = 'open';
    this.#probeAt = this.#now() + Math.min(openFor * 2 ** Math.min(this.#openings, 30), maxOpenFor);
    this.#openings += 1;
  }

  report(): BreakerReport {
    return {
      state: this.#state,
      failures: this.#failures,
      probeAt: this.#state === 'closed' ? null : this.#probeAt,
      cause: this.#cause,
    };
  }
}
