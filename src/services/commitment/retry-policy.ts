/** When a report that could not be delivered is tried again. Milliseconds. */
export interface RetryPolicy {
  readonly first: number;
  readonly max: number;
  /** counted from the request */
  readonly giveUpAfter: number;
}

/**
 * Doubles from `first` to `max`, each time shortened by up to a fifth so that many tasks for one peer do not come at once.
 * `random` gives [0, 1).
 */
export function retryDelay(attempts: number, policy: RetryPolicy, random: () => number): number {
  const doubled = policy.first * 2 ** Math.min(attempts - 1, 30);
  return Math.round(Math.min(doubled, policy.max) * (1 - 0.2 * random()));
}
