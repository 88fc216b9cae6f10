import { read as readFd } from 'node:fs';
import { promisify } from 'node:util';
import { KuvaError } from '../core/errors.ts';
import { readFileMeta } from '../dicom/file-meta.ts';
import type { FileRange } from '../dimse/file-range.ts';
import { ObjectDamagedError } from './digest-check.ts';
import type { DigestCheck, KeptInstance } from './digest-check.ts';
import type { ObjectSource } from './object-source.ts';

const read = promisify(readFd);

/** Enough for the preamble and every file meta that we write or import. */
const META_PREFIX = 1024;
const BLOCK = 256 * 1024;
/** Up to here an object is read whole, in one call, before its first byte is sent. */
const WHOLE = 1024 * 1024;

/** The sender's bytes of a kept object, behind its file meta. Whoever opened it closes it. */
export interface StoredDataSet {
  /** all of it when it is small, else where it lies */
  readonly content: Buffer | FileRange;
  /** All of it has left: when it is closed, its memory will be used for another. */
  used(): void;
  /** To be called once. */
  close(): void | Promise<void>;
}

/**
 * Opens a kept object and finds its data set. Rejects when it is gone or cannot be read. @throws ObjectDamagedError when it is known
 * not to be the one that was stored; the check of a large one may still throw it at its end
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
    digests.whole(instance, bytes.length, sha256);
    const content = bytes.subarray(offsetOf(bytes, instance));
    let seen = false;
    return { content, used: () => (seen = true), close: () => object.release(seen) };
  } catch (error) {
    object.release(true);
    throw error;
  }
}

async function openLarge(objects: ObjectSource, instance: KeptInstance, digests: DigestCheck): Promise<StoredDataSet> {
  const object = await objects.open(instance.sha256);
  try {
    const { fd, size } = object;
    if (size !== instance.size) throw new ObjectDamagedError(instance, `${size} bytes instead of ${instance.size}`);
    await digests.before(instance);
    const start = await readStart(fd);
    const offset = offsetOf(start, instance);
    const check = digests.while(instance, start.subarray(0, offset));
    const content = { fd, offset, length: size - offset, check };
    return { content, used: () => undefined, close: () => object.close() };
  } catch (error) {
    await object.close();
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

/** The first bytes of a file; a file that is shorter than it says is damaged. */
async function readStart(fd: number): Promise<Buffer> {
  const start = Buffer.allocUnsafeSlow(META_PREFIX);
  for (let done = 0; done < start.length;) {
    const { bytesRead } = await read(fd, start, done, start.length - done, done);
    if (bytesRead === 0) throw new KuvaError('OBJECT_TRUNCATED', 'kept file ended early', { offset: done });
    done += bytesRead;
  }
  return start;
}

/** A data set as a stream of blocks. */
export async function* readContent(content: Buffer | FileRange): AsyncGenerator<Buffer> {
  if (Buffer.isBuffer(content)) yield content;
  else yield* readRange(content);
}

async function* readRange(range: FileRange): AsyncGenerator<Buffer> {
  for (let done = 0; done < range.length;) {
    const block = Buffer.allocUnsafeSlow(Math.min(BLOCK, range.length - done));
    const { bytesRead } = await read(range.fd, block, 0, block.length, range.offset + done);
    if (bytesRead === 0)
      throw new KuvaError('OBJECT_TRUNCATED', 'kept file ended early', { offset: range.offset + done });
    const piece = block.subarray(0, bytesRead);
    range.check?.update(piece);
    yield piece;
    done += bytesRead;
  }
  range.check?.end();
}
