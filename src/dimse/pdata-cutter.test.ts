import fc from 'fast-check';
import { expect, test } from 'vitest';
import { PDataCutter, fragmentLength } from './pdata-cutter.ts';

const chunks = fc.array(
  fc.uint8Array({ maxLength: 50 }).map((bytes) => Buffer.from(bytes)),
  { maxLength: 12 },
);

test('whatever goes in comes out in fragments of at most the limit, the last one marked', () => {
  fc.assert(
    fc.property(chunks, fc.integer({ min: 1, max: 30 }), (input, half) => {
      const limit = 2 * half;
      const out: Buffer[] = [];
      const cutter = new PDataCutter(5, false, limit);
      for (const chunk of input) cutter.push(chunk, out);
      cutter.end(out);

      const data: Buffer[] = [];
      const flags: number[] = [];
      let stream = Buffer.concat(out);
      while (stream.length > 0) {
        const length = stream.readUInt32BE(2);
        expect(stream[0]).toBe(4);
        expect(stream.readUInt32BE(6)).toBe(length - 4);
        expect(stream[10]).toBe(5);
        expect(length - 6).toBeLessThanOrEqual(limit);
        flags.push(stream[11]!);
        data.push(stream.subarray(12, 6 + length));
        stream = stream.subarray(6 + length);
      }
      expect(Buffer.concat(data)).toEqual(Buffer.concat(input));
      expect(flags.at(-1)).toBe(2);
      expect(flags.slice(0, -1).every((flag) => flag === 0)).toBe(true);
      // Only the last fragment of a message may be shorter, or odd.
      expect(data.slice(0, -1).every((part) => part.length === limit)).toBe(true);
    }),
  );
});

test('data are views of what was given', () => {
  const chunk = Buffer.alloc(100);
  const out: Buffer[] = [];
  new PDataCutter(1, false, 64).push(chunk, out);
  expect(out[1]!.buffer).toBe(chunk.buffer);
});

test.each([
  [0, 131_066],
  [16_384, 16_378],
  [16_383, 16_376],
  [0xffffffff, 131_066],
  [128, 122],
  [8, 2],
  [1, 2],
])('a peer that takes %i bytes gets fragments of %i', (announced, expected) => {
  expect(fragmentLength(announced, 131_072)).toBe(expected);
});
