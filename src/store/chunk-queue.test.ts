import { randomBytes } from 'node:crypto';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { ChunkQueue } from './chunk-queue.ts';

test('gives back what was put in, in order, however it is cut and taken', () => {
  fc.assert(
    fc.property(
      fc.array(fc.oneof(fc.integer({ min: 0, max: 10 }), fc.integer({ min: 4000, max: 9000 })), { maxLength: 60 }),
      fc.integer({ min: 1, max: 20_000 }),
      (lengths, limit) => {
        const chunks = lengths.map((length) => randomBytes(length));
        const queue = new ChunkQueue();
        for (const chunk of chunks) queue.push(chunk);
        const whole = Buffer.concat(chunks);
        expect(queue.bytes).toBe(whole.length);
        const taken: Buffer[] = [];
        while (queue.bytes > 0) taken.push(...queue.take(limit));
        expect(Buffer.concat(taken)).toEqual(whole);
      },
    ),
  );
});

test('small chunks become few blocks, large ones are not copied', () => {
  const queue = new ChunkQueue();
  for (let i = 0; i < 10_000; i += 1) queue.push(Buffer.alloc(16, i));
  const large = Buffer.alloc(5000, 1);
  queue.push(large);
  const chunks = queue.take(Number.POSITIVE_INFINITY);
  expect(chunks.length).toBeLessThanOrEqual(5);
  expect(chunks.at(-1)).toBe(large);
});

test('a few bytes between large chunks do not keep a block each', () => {
  const queue = new ChunkQueue();
  for (let i = 0; i < 100; i += 1) {
    queue.push(Buffer.allocUnsafeSlow(4096));
    queue.push(Buffer.alloc(1));
  }
  const backing = new Set(queue.take(Number.POSITIVE_INFINITY).map((chunk) => chunk.buffer));
  const memory = [...backing].reduce((sum, buffer) => sum + buffer.byteLength, 0);
  expect(memory).toBeLessThan(200 * 4096);
});
