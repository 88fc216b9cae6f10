import { createHash, hash } from 'node:crypto';
import type { Hash } from 'node:crypto';
import { closeSync, openSync, readlinkSync, readSync } from 'node:fs';
import { setPriority } from 'node:os';
import { basename } from 'node:path';
import { parentPort, workerData } from 'node:worker_threads';
import { errorCode, toError } from '../../core/errors.ts';
import { OPEN } from '../store-fs.ts';
import type {
  BlockOrder,
  ReadingThreadData,
  ReadOrder,
  ReadOrders,
  ReadReport,
  ReadResult,
  WholeOrder,
} from './read-messages.ts';

/** Results are told together, but no more than this waits for being told. */
const TELL_BYTES = 1024 * 1024;

/** A file of which more will be read. */
interface OpenFile {
  readonly fd: number;
  readonly hash: Hash | undefined;
  position: number;
}

const slots = new Map<number, Buffer>();
const files = new Map<number, OpenFile>();
const beyond = Buffer.alloc(1);
const accounting = openAccounting();
const figures = Buffer.alloc(512);
let diskReads = readFromDisk();

parentPort!.on('message', ({ orders, forget }: ReadOrders) => {
  for (const slot of forget) slots.delete(slot);
  let results: ReadResult[] = [];
  let bytes = 0;
  for (const order of orders) {
    if (order.kind === 'end') {
      endFile(order.file);
      continue;
    }
    results.push(carriedOut(order));
    bytes += order.kind === 'whole' ? order.size : order.length;
    if (bytes < TELL_BYTES) continue;
    tell(results);
    results = [];
    bytes = 0;
  }
  if (results.length > 0) tell(results);
});

giveWay(workerData as ReadingThreadData);
// It is ready.
tell([]);

function tell(results: readonly ReadResult[]): void {
  const before = diskReads;
  diskReads = readFromDisk();
  parentPort!.postMessage({ results, fromDisk: diskReads > before } satisfies ReadReport);
}

/** Of this thread alone: Linux has a nice value for each (sched(7)). Where that cannot be had it reads all the same. */
function giveWay({ nice }: ReadingThreadData): void {
  if (nice === 0) return;
  try {
    setPriority(Number(basename(readlinkSync('/proc/thread-self'))), nice);
  } catch {
    return;
  }
}

/** What the kernel counts for this thread (proc(5)). A program with capabilities of its own, such as for port 104, may not see it. */
function openAccounting(): number | undefined {
  try {
    return openSync('/proc/thread-self/io', OPEN.read);
  } catch {
    return undefined;
  }
}

/** How much has been read from the disk, and not from memory: by this thread, since what others read says nothing of its files. */
function readFromDisk(): number {
  if (accounting === undefined) return process.resourceUsage().fsRead;
  const text = figures.toString('latin1', 0, readSync(accounting, figures, 0, figures.length, 0));
  return Number(/^read_bytes: (\d+)/m.exec(text)?.[1]);
}

function carriedOut(order: Exclude<ReadOrder, { kind: 'end' }>): ReadResult {
  const { id, slot, memory } = order;
  if (memory !== undefined) slots.set(slot, Buffer.from(memory));
  const into = slots.get(slot)!;
  try {
    return { id, ...(order.kind === 'whole' ? readWhole(order, into) : readBlock(order, into)) };
  } catch (error) {
    if (order.kind === 'block') endFile(order.file);
    return { id, failure: { code: errorCode(error), message: toError(error).message } };
  }
}

function readWhole({ path, size, hashed }: WholeOrder, into: Buffer): { length: number; sha256: string } {
  const fd = openSync(path, OPEN.read);
  try {
    const length = readUpTo(fd, into, size + 1, 0);
    return { length, sha256: hashed && length === size ? hash('sha256', into.subarray(0, size), 'hex') : '' };
  } finally {
    closeSync(fd);
  }
}

function readBlock(order: BlockOrder, into: Buffer): { length: number; sha256: string } {
  const file = order.first ? openFile(order) : files.get(order.file);
  if (file === undefined) return { length: 0, sha256: '' };
  const { fd, hash: sum, position } = file;
  const length = readUpTo(fd, into, order.length, position);
  sum?.update(into.subarray(0, length));
  file.position += length;
  if (length === order.length && !order.last) return { length, sha256: '' };
  const more = readSync(fd, beyond, 0, 1, file.position);
  endFile(order.file);
  return { length: length + more, sha256: length + more === order.length ? (sum?.digest('hex') ?? '') : '' };
}

function openFile({ file, path, hashed }: BlockOrder): OpenFile {
  const opened = { fd: openSync(path, OPEN.read), hash: hashed ? createHash('sha256') : undefined, position: 0 };
  files.set(file, opened);
  return opened;
}

function endFile(file: number): void {
  const opened = files.get(file);
  if (!files.delete(file)) return;
  closeSync(opened!.fd);
}

/** Bytes read, fewer than `limit` only at the end of the file. */
function readUpTo(fd: number, into: Buffer, limit: number, position: number): number {
  let length = 0;
  for (let count = -1; count !== 0 && length < limit; length += count) {
    count = readSync(fd, into, length, limit - length, position + length);
  }
  return length;
}
