import { setTimeout as delay } from 'node:timers/promises';

/**
 * Polls `probe` until it gives something truthy and returns that; fails with `what` after `timeoutMs`.
 * An error thrown by the probe counts as "not yet" and becomes the cause of the final failure.
 */
export async function waitFor<T>(
  what: string,
  probe: () => T | Promise<T>,
  timeoutMs = 20_000,
): Promise<NonNullable<T>> {
  const deadline = Date.now() + timeoutMs;
  let last: unknown;
  for (;;) {
    try {
      const value = await probe();
      if (value) return value;
      last = undefined;
    } catch (error) {
      last = error;
    }
    if (Date.now() >= deadline) throw new Error(`waited ${timeoutMs} ms for ${what}`, { cause: last });
    await delay(10);
  }
}
