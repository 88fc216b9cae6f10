import { toStoreError } from './store-errors.ts';
import { nodeStoreFs } from './store-fs.ts';
import type { StoreFs } from './store-fs.ts';

const BLOCK = 128 * 1024;

/** The content of an open file from its start, block by block; each block is a buffer of its own. @throws StoreError */
export async function* readBlocks(fd: number, fs: StoreFs = nodeStoreFs): AsyncGenerator<Buffer> {
  for (let position = 0; ;) {
    const buffer = Buffer.allocUnsafeSlow(BLOCK);
    const count = await fs.read(fd, buffer, position).catch((error: unknown) => {
      throw toStoreError(error, 'read');
    });
    if (count === 0) return;
    position += count;
    yield buffer.subarray(0, count);
  }
}
