import { read } from 'node:fs';
import { KuvaError } from '../core/errors.ts';
import type { BlockSource } from './block-source.ts';

/** Part of an open file; the descriptor stays its owner's. */
export interface FileRange {
  readonly fd: number;
  readonly offset: number;
  readonly length: number;
}

const BLOCK = 1024 * 1024;

/** The file is shorter than the range. */
class FileRangeError extends KuvaError {
  override readonly name = 'FileRangeError';
}

/**
 * Reads a file range in large blocks, the next one while the last one is being sent. Of three buffers one is being
 * filled, one sent, and one may still hold the tail of the fragment that the next block completes.
 */
export class FileRangeReader implements BlockSource {
  readonly #range: FileRange;
  readonly #buffers: Buffer[] = [];
  #read = 0;
  #turn = 0;
  #next: Promise<Buffer> | undefined;

  constructor(range: FileRange) {
    this.#range = range;
    this.#next = this.#start();
  }

  get length(): number {
    return this.#range.length;
  }

  async take(left: boolean): Promise<Buffer | undefined> {
    const next = this.#next;
    if (next === undefined) return undefined;
    this.#next = undefined;
    const block = await next;
    if (!left) this.#buffers.length = 0;
    this.#next = this.#start();
    return block;
  }

  #start(): Promise<Buffer> | undefined {
    const remaining = this.#range.length - this.#read;
    if (remaining <= 0) return undefined;
    const length = Math.min(BLOCK, remaining);
    const slot = this.#turn++ % 3;
    let buffer = this.#buffers[slot];
    if (buffer === undefined) this.#buffers[slot] = buffer = Buffer.allocUnsafe(length);
    const target = buffer.length === length ? buffer : buffer.subarray(0, length);
    const position = this.#range.offset + this.#read;
    this.#read += length;
    const reading = readFully(this.#range.fd, target, position);
    // Whoever takes the block sees the error; if nobody does any more, it must not end the process.
    reading.catch(() => {});
    return reading;
  }
}

function readFully(fd: number, target: Buffer, position: number): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    let filled = 0;
    const step = (): void => {
      read(fd, target, filled, target.length - filled, position + filled, (error, count) => {
        if (error !== null) return reject(error);
        if (count === 0)
          return reject(
            new FileRangeError('FILE_RANGE_SHORT', 'file ends before the range to send', {
              position: position + filled,
            }),
          );
        filled += count;
        if (filled === target.length) resolve(target);
        else step();
      });
    };
    step();
  });
}
