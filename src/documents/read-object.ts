import type { ObjectStore } from '../store/object-store.ts';
import { readBlocks } from '../store/read-blocks.ts';

/** The whole file of a kept object. @throws StoreError */
export async function readObject(store: Pick<ObjectStore, 'open'>, sha256: string): Promise<Buffer> {
  const object = await store.open(sha256);
  try {
    const blocks: Buffer[] = [];
    for await (const block of readBlocks(object.fd)) blocks.push(block);
    return Buffer.concat(blocks);
  } finally {
    await object.close();
  }
}
