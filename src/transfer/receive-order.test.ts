import fc from 'fast-check';
import { expect, it } from 'vitest';
import { ReceiveOrder } from './receive-order.ts';

it('gives what was added, oldest first, and equal moments in the order of adding', () => {
  const files = fc.array(fc.record({ mtimeMs: fc.integer({ min: 0, max: 50 }), size: fc.nat(), byte: fc.nat(255) }), {
    maxLength: 3000,
  });
  fc.assert(
    fc.property(files, (added) => {
      const order = new ReceiveOrder();
      const objects = added.map(({ byte, ...file }) => ({
        sha256: byte.toString(16).padStart(2, '0').repeat(32),
        ...file,
      }));
      for (const { sha256, ...file } of objects) order.add(sha256, file);
      expect([...order]).toEqual(objects.toSorted((a, b) => a.mtimeMs - b.mtimeMs));
    }),
    { numRuns: 50 },
  );
});
