/** So many waits of so many milliseconds. */
export interface BackOffStep {
  readonly times: number;
  readonly delay: number;
}

/** Each wait is shortened or lengthened by up to so much, so that what failed together does not come back together. */
const JITTER = 0.2;

/**
 * How long to wait after so many failures since the last progress, in milliseconds; undefined when the ladder has come to its end.
 * `random` gives [0, 1).
 */
export function backOff(ladder: readonly BackOffStep[], failures: number, random: () => number): number | undefined {
  let left = failures;
  for (const { times, delay } of ladder) {
    if (left <= times) return Math.round(delay * (1 - JITTER + 2 * JITTER * random()));
    left -= times;
  }
  return undefined;
}
