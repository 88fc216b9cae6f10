import fc from 'fast-check';
import { expect, test } from 'vitest';
import { GatheredBytes } from './gathered-bytes.ts';

const pieces = fc.array(
  fc.uint8Array({ maxLength: 3000 }).map((bytes) => Buffer.from(bytes)),
  { maxLength: 20 },
);

test('the whole is the pieces in order', () => {
  fc.assert(
    fc.property(pieces, (views) => {
      const gathered = new GatheredBytes(1 << 20);
      for (const view of views) gathered.add(view);
      expect(gathered.take()).toEqual(Buffer.concat(views));
      expect(gathered.length).toBe(0);
    }),
  );
});

test('one piece is not copied, and is never written to', () => {
  const gathered = new GatheredBytes(100);
  const block = Buffer.from('abcdef');
  gathered.add(block.subarray(0, 2));
  gathered.add(Buffer.from('XY'));
  expect(gathered.take().toString()).toBe('abXY');
  expect(block.toString()).toBe('abcdef');
  gathered.add(block);
  expect(gathered.take().buffer).toBe(block.buffer);
});
