import { read as readFd } from 'node:fs';
import { promisify } from 'node:util';
import { KuvaError } from '../core/errors.ts';
import type { FileRange } from './sub-association.ts';

const read = promisify(readFd);
const BLOCK = 256 * 1024;

/**
 * A range of an open file as a stream of blocks. `settled()` must be awaited before the descriptor is closed: a consumer
 * that leaves early may leave a read in flight, and the number of a closed descriptor is soon another file's.
 */
export class RangeReader {
  readonly #range: FileRange;
  #reading: Promise<unknown> = Promise.resolve();

  constructor(range: FileRange) {
    this.#range = range;
  }

  async *blocks(): AsyncGenerator<Buffer> {
    const { fd, offset, length } = this.#range;
    for (let done = 0; done < length; ) {
      const block = Buffer.allocUnsafeSlow(Math.min(BLOCK, length - done));
      const reading = read(fd, block, 0, block.length, offset + done);
      this.#reading = reading.catch(() => undefined);
      const { bytesRead } = await reading;
      if (bytesRead === 0) throw new KuvaError('OBJECT_TRUNCATED', 'kept file ended early', { offset: offset + done });
      yield block.subarray(0, bytesRead);
      done += bytesRead;
    }
  }

  async settled(): Promise<void> {
    await this.#reading;
  }
}
