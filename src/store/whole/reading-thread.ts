import { hash } from 'node:crypto';
import { closeSync, openSync, readSync } from 'node:fs';
import { parentPort } from 'node:worker_threads';
import { errorCode, toError } from '../../core/errors.ts';
import { OPEN } from '../store-fs.ts';
import type { ReadOrder, ReadOrders, ReadReport, ReadResult } from './read-messages.ts';

/** Results are told together, but no more than this waits for being told. */
const TELL_BYTES = 1024 * 1024;

const slots = new Map<number, Buffer>();
let diskReads = process.resourceUsage().fsRead;

parentPort!.on('message', ({ reads, forget }: ReadOrders) => {
  for (const slot of forget) slots.delete(slot);
  let results: ReadResult[] = [];
  let bytes = 0;
  for (const [at, order] of reads.entries()) {
    results.push(carriedOut(order));
    bytes += order.size;
    if (bytes < TELL_BYTES && at < reads.length - 1) continue;
    tell(results);
    results = [];
    bytes = 0;
  }
});

function tell(results: readonly ReadResult[]): void {
  const before = diskReads;
  diskReads = process.resourceUsage().fsRead;
  parentPort!.postMessage({ results, fromDisk: diskReads > before } satisfies ReadReport);
}

function carriedOut(order: ReadOrder): ReadResult {
  const { id, slot, memory, size, hashed } = order;
  if (memory !== undefined) slots.set(slot, Buffer.from(memory));
  const into = slots.get(slot)!;
  try {
    const length = readWhole(order.path, into, size + 1);
    const sha256 = hashed && length === size ? hash('sha256', into.subarray(0, size), 'hex') : '';
    return { id, length, sha256 };
  } catch (error) {
    return { id, failure: { code: errorCode(error), message: toError(error).message } };
  }
}

/** Bytes read, `limit` at most. */
function readWhole(path: string, into: Buffer, limit: number): number {
  const fd = openSync(path, OPEN.read);
  try {
    let length = 0;
    for (let count = -1; count !== 0 && length < limit; length += count) {
      count = readSync(fd, into, length, limit - length, length);
    }
    return length;
  } finally {
    closeSync(fd);
  }
}
