import { readFileMeta } from '../dicom/file-meta.ts';
import type { BlockSource } from '../dimse/block-source.ts';
import { ObjectDamagedError } from './digest-check.ts';
import type { DigestCheck, KeptInstance } from './digest-check.ts';
import type { ObjectSource } from './object-source.ts';

/** Up to here an object is read whole before its first byte is sent. */
const WHOLE = 1024 * 1024;

/** The sender's bytes of a kept object, behind its file meta. Whoever opened it closes it. */
export interface StoredDataSet {
  /** all of it when it is small, else one block after the other */
  readonly content: Buffer | BlockSource;
  /** All of it has left: when it is closed, its memory will be used for another. */
  used(): void;
  /** To be called once. */
  close(): void;
}

/**
 * Opens a kept object and finds its data set. Rejects when it is gone or cannot be read. @throws ObjectDamagedError when it is known
 * not to be the one that was stored; a large one may still turn out so behind its last block
 */
export function openDataSet(
  objects: ObjectSource,
  instance: KeptInstance,
  digests: DigestCheck,
): Promise<StoredDataSet> {
  return instance.size <= WHOLE ? readSmall(objects, instance, digests) : openLarge(objects, instance, digests);
}

async function readSmall(objects: ObjectSource, instance: KeptInstance, digests: DigestCheck): Promise<StoredDataSet> {
  const object = await objects.read(instance.sha256, instance.size, digests.enabled);
  try {
    const { bytes, sha256 } = object;
    digests.read(instance, bytes.length, sha256);
    const content = bytes.subarray(offsetOf(bytes, instance));
    let seen = false;
    return { content, used: () => (seen = true), close: () => object.release(seen) };
  } catch (error) {
    object.release(true);
    throw error;
  }
}

async function openLarge(objects: ObjectSource, instance: KeptInstance, digests: DigestCheck): Promise<StoredDataSet> {
  await digests.before(instance);
  const blocks = objects.stream(instance.sha256, instance.size, digests.enabled);
  try {
    const start = (await blocks.take(false)) ?? Buffer.alloc(0);
    const offset = offsetOf(start, instance);
    let first: Buffer | undefined = start.subarray(offset);
    const take = async (left: boolean): Promise<Buffer | undefined> => {
      const block = first ?? (await blocks.take(left));
      first = undefined;
      if (block !== undefined) return block;
      const { size, sha256 } = blocks.end();
      digests.read(instance, size, sha256);
      return undefined;
    };
    let seen = false;
    const content = { length: instance.size - offset, take };
    return { content, used: () => (seen = true), close: () => blocks.close(seen) };
  } catch (error) {
    blocks.close(true);
    throw error;
  }
}

function offsetOf(start: Buffer, instance: KeptInstance): number {
  try {
    return readFileMeta(start).dataSetOffset;
  } catch (error) {
    throw new ObjectDamagedError(instance, 'its file meta information cannot be read', error);
  }
}

/** A data set as a stream of blocks, which whoever gets them may keep. */
export async function* readContent(content: Buffer | BlockSource): AsyncGenerator<Buffer> {
  if (Buffer.isBuffer(content)) return yield content;
  let block: Buffer | undefined;
  while ((block = await content.take(false)) !== undefined) yield block;
}
