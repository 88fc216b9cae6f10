import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { TokenBucket } from './token-bucket.ts';

const { signal } = new AbortController();

/** A bucket whose clock moves only by its own waits. */
function bucket(rate: () => number | null) {
  const clock = { now: 0 };
  const subject = new TokenBucket({
    now: () => clock.now,
    rate,
    sleep: (ms, stop) => {
      stop.throwIfAborted();
      clock.now += ms;
      return Promise.resolve();
    },
  });
  return { subject, clock };
}

test('over any run of takes the rate is kept, one burst and one fragment apart', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.integer({ min: 1000, max: 1_000_000 }),
      fc.array(fc.integer({ min: 1, max: 300_000 }), { minLength: 1, maxLength: 30 }),
      async (rate, sizes) => {
        const { subject, clock } = bucket(() => rate);
        let sent = 0;
        for (const size of sizes) {
          await subject.take(size, signal);
          expect(sent).toBeLessThanOrEqual(rate + (clock.now * rate) / 1000);
          sent += size;
        }
        // And no slower than that: the debt of all but the last has been waited for, no more.
        expect(clock.now).toBeLessThanOrEqual((sent / rate) * 1000 + sizes.length);
      },
    ),
  );
});

test('without a limit nothing waits, and time without one is not saved up', async () => {
  let rate: number | null = null;
  const { subject, clock } = bucket(() => rate);
  await subject.take(1e9, signal);
  clock.now = 60_000;
  await subject.take(1e9, signal);
  expect(clock.now).toBe(60_000);
  rate = 1000;
  await subject.take(1, signal);
  await subject.take(2000, signal);
  await subject.take(1, signal);
  expect(clock.now).toBeGreaterThan(61_000);
});

test('those who wait go in the order in which they came, and an aborted one leaves the others alone', async () => {
  const { subject } = bucket(() => 1000);
  await subject.take(5000, signal);
  const order: number[] = [];
  const stop = new AbortController();
  const first = subject.take(10, signal).then(() => order.push(1));
  const gone = subject.take(10, stop.signal);
  const last = subject.take(10, signal).then(() => order.push(2));
  stop.abort(new Error('stopped'));
  await expect(gone).rejects.toThrow('stopped');
  await Promise.all([first, last]);
  expect(order).toEqual([1, 2]);
});

test('a rate of nothing waits for one that is something', async () => {
  let waits = 0;
  const { subject, clock } = bucket(() => (waits++ < 5 ? 0 : 100));
  await subject.take(1, signal);
  expect(clock.now).toBeGreaterThan(0);
});
