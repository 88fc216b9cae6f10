import { read as readFd } from 'node:fs';
import { promisify } from 'node:util';
import { KuvaError } from '../core/errors.ts';
import { readFileMeta } from '../dicom/file-meta.ts';
import type { FileRange } from '../dimse/file-range.ts';
import type { InstanceRef } from '../index/index-types.ts';
import type { ObjectSource, ReadableObject } from './object-source.ts';

const read = promisify(readFd);

/** Enough for the preamble and every file meta that we write or import. */
const META_PREFIX = 1024;
const BLOCK = 256 * 1024;

/** The sender's bytes of a kept object, behind its file meta. Whoever opened it closes it. */
export interface StoredDataSet {
  readonly range: FileRange;
  close(): void | Promise<void>;
}

/** Opens a kept object and finds its data set. Rejects when it is gone, unreadable or not the one that was indexed. */
export async function openDataSet(objects: ObjectSource, instance: InstanceRef): Promise<StoredDataSet> {
  const object = await objects.open(instance.sha256);
  try {
    return { range: await dataSetRange(object, instance), close: () => object.close() };
  } catch (error) {
    await object.close();
    throw error;
  }
}

async function dataSetRange(object: ReadableObject, instance: InstanceRef): Promise<FileRange> {
  if (object.size !== instance.size) {
    throw new KuvaError('SIZE_DIFFERS', 'kept file has another size than was indexed', {
      expected: instance.size,
      actual: object.size,
    });
  }
  const prefix = Buffer.allocUnsafe(Math.min(META_PREFIX, object.size));
  const { bytesRead } = await read(object.fd, prefix, 0, prefix.length, 0);
  const { dataSetOffset } = readFileMeta(prefix.subarray(0, bytesRead));
  return { fd: object.fd, offset: dataSetOffset, length: object.size - dataSetOffset };
}

/** A range of an open file as a stream of blocks. */
export async function* readRange(range: FileRange): AsyncGenerator<Buffer> {
  for (let done = 0; done < range.length;) {
    const block = Buffer.allocUnsafeSlow(Math.min(BLOCK, range.length - done));
    const { bytesRead } = await read(range.fd, block, 0, block.length, range.offset + done);
    if (bytesRead === 0)
      throw new KuvaError('OBJECT_TRUNCATED', 'kept file ended early', { offset: range.offset + done });
    yield block.subarray(0, bytesRead);
    done += bytesRead;
  }
}
