import { createHash } from 'node:crypto';
import { StoreError, toStoreError } from './store-errors.ts';
import { OPEN } from './store-fs.ts';
import type { StoreFs } from './store-fs.ts';

const BLOCK = 1024 * 1024;

/** SHA-256 (hex) and size of an open file, read in blocks; two buffers, so that reading and hashing overlap. */
async function hashOpenFile(
  fs: StoreFs,
  fd: number,
  onBytes: (bytes: number) => void = () => undefined,
  signal?: AbortSignal,
): Promise<{ sha256: string; size: number }> {
  const hash = createHash('sha256');
  const { size: expected } = await fs.fstat(fd);
  const length = Math.max(1, Math.min(BLOCK, expected));
  let current = Buffer.allocUnsafe(length);
  let next = Buffer.allocUnsafe(expected > length ? length : 1);
  let size = 0;
  let reading = fs.read(fd, current, 0);
  for (;;) {
    const count = await reading;
    if (count === 0) break;
    signal?.throwIfAborted();
    size += count;
    if (next.length < length) next = Buffer.allocUnsafe(length);
    const ahead = fs.read(fd, next, size);
    ahead.catch(() => undefined);
    hash.update(current.subarray(0, count));
    onBytes(count);
    [current, next] = [next, current];
    reading = ahead;
  }
  return { sha256: hash.digest('hex'), size };
}

/**
 * Whether a file is there and has the size and SHA-256 that it should.
 * @returns undefined when whole, else OBJECT_MISSING or OBJECT_CORRUPT @throws StoreError when it cannot be read
 */
export async function checkFile(
  fs: StoreFs,
  path: string,
  expected: { readonly sha256: string; readonly size: number },
  onBytes?: (bytes: number) => void,
  signal?: AbortSignal,
): Promise<StoreError | undefined> {
  let fd: number;
  try {
    fd = await fs.open(path, OPEN.read);
  } catch (error) {
    const failure = toStoreError(error, 'open');
    if (failure.code === 'OBJECT_MISSING')
      return new StoreError('OBJECT_MISSING', 'The file of an object is missing', { sha256: expected.sha256 });
    throw failure;
  }
  try {
    const { size, isFile } = await fs.fstat(fd);
    if (!isFile || size !== expected.size) return corrupt(expected, size);
    const found = await hashOpenFile(fs, fd, onBytes, signal);
    return found.sha256 === expected.sha256 ? undefined : corrupt(expected, found.size);
  } catch (error) {
    if (signal?.aborted) throw error;
    throw toStoreError(error, 'read');
  } finally {
    await fs.close(fd).catch(() => undefined);
  }
}

function corrupt(expected: { readonly sha256: string; readonly size: number }, actualSize: number): StoreError {
  return new StoreError('OBJECT_CORRUPT', 'The file of an object is not what was stored', {
    sha256: expected.sha256,
    expectedSize: expected.size,
    actualSize,
  });
}
