import { createHash, randomBytes } from 'node:crypto';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { BLOCK_BYTES, BlockPool } from './block-pool.ts';
import { BlockQueue } from './block-queue.ts';

test('gives back what was put in, in order, however it is cut and taken, from memory that is used again', () => {
  const pool = new BlockPool();
  fc.assert(
    fc.property(
      fc.array(fc.oneof(fc.integer({ min: 0, max: 10 }), fc.integer({ min: 40_000, max: 140_000 })), { maxLength: 8 }),
      fc.integer({ min: 1, max: 200_000 }),
      fc.boolean(),
      (lengths, limit, takeOnTheWay) => {
        const chunks = lengths.map((length) => randomBytes(length));
        const queue = new BlockQueue(pool);
        const taken: Buffer[] = [];
        const take = (): void => {
          const blocks = queue.take(limit, false);
          taken.push(...blocks.map((block) => Buffer.from(block)));
          pool.give(blocks);
        };
        for (const chunk of chunks) {
          const brought = Buffer.from(chunk);
          queue.push(brought);
          brought.fill(0xff);
          if (takeOnTheWay) take();
        }
        if (!takeOnTheWay) expect(queue.bytes).toBe(Buffer.concat(chunks).length);
        while (queue.bytes > 0) take();
        expect(Buffer.concat(taken).equals(Buffer.concat(chunks))).toBe(true);
        expect(queue.digest()).toBe(createHash('sha256').update(Buffer.concat(chunks)).digest('hex'));
      },
    ),
    { numRuns: 30 },
  );
});

test('small chunks become few blocks, and a block given back is the next one taken', () => {
  const pool = new BlockPool();
  const queue = new BlockQueue(pool);
  for (let i = 0; i < 10_000; i += 1) queue.push(Buffer.alloc(16, i));
  const blocks = queue.takeAll();
  expect(blocks.length).toBe(Math.ceil(160_000 / BLOCK_BYTES));
  pool.give(blocks.slice(-1));
  const again = pool.take();
  expect(again.buffer).toBe(blocks.at(-1)?.buffer);
  expect(again.length).toBe(BLOCK_BYTES);
});
