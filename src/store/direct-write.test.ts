import { randomBytes } from 'node:crypto';
import { closeSync, constants, openSync, readFileSync } from 'node:fs';
import fc from 'fast-check';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { tempDir } from '../../test/support/temp-dir.ts';
import type { TempDir } from '../../test/support/temp-dir.ts';
import { BlockPool } from './block-pool.ts';
import { BlockQueue } from './block-queue.ts';
import { wholePages, writeDirect } from './direct-write.ts';
import { PAGE_BYTES } from './page-memory.ts';
import { nodeStoreFs, OPEN } from './store-fs.ts';

let dir: TempDir;
let fd: number;
beforeEach(async () => {
  dir = await tempDir();
  fd = await nodeStoreFs.open(dir.file('object'), OPEN.create);
});
afterEach(async () => {
  await nodeStoreFs.close(fd);
  await dir[Symbol.asyncDispose]();
});

function offersDirect(path: string): boolean {
  try {
    closeSync(openSync(path, constants.O_WRONLY | constants.O_DIRECT));
    return true;
  } catch {
    return false;
  }
}

test('received blocks go past the page cache up to their last whole page', async () => {
  const queue = new BlockQueue(new BlockPool());
  const bytes = randomBytes(5 * 64 * 1024 + 5000);
  queue.push(bytes);
  const pages = wholePages(queue.takeAll(), 0);
  const whole = Buffer.concat(pages);
  expect(whole).toEqual(bytes.subarray(0, 5 * 64 * 1024 + PAGE_BYTES));
  const written = await writeDirect(fd, pages, 0);
  expect(written).toBe(offersDirect(dir.file('object')) ? whole.length : 0);
  expect(readFileSync(dir.file('object'))).toEqual(bytes.subarray(0, written));
});

test('memory or a place in the file that no page begins at is left to the caller', () => {
  const block = new BlockPool().take();
  expect(wholePages([block], PAGE_BYTES)).toEqual([block]);
  expect(wholePages([block], 512)).toEqual([]);
  expect(wholePages([block.subarray(16)], 0)).toEqual([]);
  expect(wholePages([Buffer.allocUnsafeSlow(PAGE_BYTES)], 0)).toEqual([]);
  expect(wholePages([block.subarray(0, 100), block], 0)).toEqual([]);
});

test('a file that cannot be opened a second time is left to the caller', async () => {
  expect(await writeDirect(-1, [new BlockPool().take()], 0)).toBe(0);
});

test('whatever the chunks and the position, the file has them', async () => {
  const pool = new BlockPool();
  const chunk = fc.record({
    pooled: fc.boolean(),
    from: fc.constantFrom(0, 4096, 7),
    bytes: fc.constantFrom(1, 4096, 50_000, 60_000),
  });
  const position = fc.constantFrom(0, 1, 4096, 65_536);
  await fc.assert(
    fc.asyncProperty(fc.array(chunk, { maxLength: 6 }), position, async (shapes, at) => {
      const chunks = shapes.map(({ pooled, from, bytes }) => {
        const memory = pooled ? pool.take() : Buffer.allocUnsafeSlow(65_536);
        randomBytes(bytes).copy(memory, from);
        return memory.subarray(from, from + bytes);
      });
      await nodeStoreFs.writeAll(fd, chunks, at);
      const expected = Buffer.concat(chunks);
      expect(
        readFileSync(dir.file('object'))
          .subarray(at, at + expected.length)
          .equals(expected),
      ).toBe(true);
    }),
    { numRuns: 60 },
  );
});
