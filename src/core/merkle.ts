import { hash as digest } from 'node:crypto';

/**
 * Where the hashes of complete subtrees come from: `level` 0 are the leaves, a node at `position` covers the leaves from
 * `position * 2 ** level` on.
 */
export type SubtreeHash = (level: number, position: number) => Buffer;

/** RFC 6962 2.1: SHA-256(0x00 || data). */
export function leafHash(data: string): Buffer {
  return digest('sha256', leafBytes(data), 'buffer');
}

/** RFC 6962 2.1: SHA-256(0x01 || left || right). */
export function nodeHash(left: Buffer, right: Buffer): Buffer {
  node.set(left, 1);
  node.set(right, 1 + HASH_BYTES);
  return digest('sha256', node, 'buffer');
}

/** As `leafHash`, in hex: whoever hashes millions makes no buffer for each, which takes longer than hashing does. */
export function leafHex(data: string): string {
  return digest('sha256', leafBytes(data), 'hex');
}

/** As `nodeHash`, in hex. */
export function nodeHex(left: string, right: string): string {
  node.write(left, 1, 'hex');
  node.write(right, 1 + HASH_BYTES, 'hex');
  return digest('sha256', node, 'hex');
}

function leafBytes(data: string): Buffer {
  // A UTF-16 unit is three bytes in UTF-8 at most.
  if (leaf.length <= data.length * 3) leaf = Buffer.alloc(data.length * 3 + 1);
  return leaf.subarray(0, 1 + leaf.write(data, 1, 'utf8'));
}

const HASH_BYTES = 32;
// What is hashed next, each behind the byte that tells leaves from nodes.
let leaf = Buffer.alloc(4096);
const node = Buffer.alloc(1 + 2 * HASH_BYTES, 1);
const EMPTY = digest('sha256', Buffer.alloc(0), 'buffer');

/** The root over the first `size` leaves. */
export function rootHash(size: number, subtree: SubtreeHash): Buffer {
  return size === 0 ? EMPTY : rangeHash(0, size, subtree);
}

/** The hashes that lead from leaf `index` to the root over `size` leaves (RFC 6962 2.1.1), the leaf's neighbour first. */
export function inclusionProof(index: number, size: number, subtree: SubtreeHash): Buffer[] {
  if (index < 0 || index >= size) throw new RangeError(`leaf ${index} is not in a tree of ${size}`);
  const proof: Buffer[] = [];
  let [from, to] = [0, size];
  while (to - from > 1) {
    const middle = from + splitOf(to - from);
    const left = index < middle;
    proof.push(left ? rangeHash(middle, to, subtree) : rangeHash(from, middle, subtree));
    [from, to] = left ? [from, middle] : [middle, to];
  }
  return proof.reverse();
}

/** Whether `proof` shows that `leaf` is number `index` of the `size` leaves under `root` (RFC 9162 2.1.3.2). */
export function isIncluded(
  leaf: Buffer,
  { index, size, root }: { readonly index: number; readonly size: number; readonly root: Buffer },
  proof: readonly Buffer[],
): boolean {
  if (index < 0 || index >= size) return false;
  let [node, last, hash] = [index, size - 1, leaf];
  for (const other of proof) {
    if (last === 0) return false;
    if (node % 2 === 1 || node === last) {
      hash = nodeHash(other, hash);
      while (node % 2 === 0 && node !== 0) [node, last] = [half(node), half(last)];
    } else {
      hash = nodeHash(hash, other);
    }
    [node, last] = [half(node), half(last)];
  }
  return last === 0 && hash.equals(root);
}

/** Shows that the first `older` of `size` leaves are what they were (RFC 6962 2.1.2); empty when nothing has to be shown. */
export function consistencyProof(older: number, size: number, subtree: SubtreeHash): Buffer[] {
  if (older < 0 || older > size) throw new RangeError(`a tree of ${size} has no older size ${older}`);
  if (older === 0 || older === size) return [];
  const proof: Buffer[] = [];
  let [from, to, whole] = [0, size, true];
  while (to !== older) {
    const middle = from + splitOf(to - from);
    if (older <= middle) {
      proof.push(rangeHash(middle, to, subtree));
      to = middle;
    } else {
      proof.push(rangeHash(from, middle, subtree));
      [from, whole] = [middle, false];
    }
  }
  if (!whole) proof.push(rangeHash(from, to, subtree));
  return proof.reverse();
}

/** Whether `proof` shows that the tree under `newer` only appended to the one under `older` (RFC 9162 2.1.4.2). */
export function isConsistent(
  older: { readonly size: number; readonly root: Buffer },
  newer: { readonly size: number; readonly root: Buffer },
  proof: readonly Buffer[],
): boolean {
  if (older.size > newer.size) return false;
  if (older.size === newer.size) return proof.length === 0 && older.root.equals(newer.root);
  if (older.size === 0) return proof.length === 0;
  const path = isPowerOfTwo(older.size) ? [older.root, ...proof] : [...proof];
  let [node, last] = [older.size - 1, newer.size - 1];
  while (node % 2 === 1) [node, last] = [half(node), half(last)];
  let [first, second] = [path[0], path[0]];
  for (const other of path.slice(1)) {
    if (first === undefined || second === undefined || last === 0) return false;
    if (node % 2 === 1 || node === last) {
      first = nodeHash(other, first);
      second = nodeHash(other, second);
      while (node % 2 === 0 && node !== 0) [node, last] = [half(node), half(last)];
    } else {
      second = nodeHash(second, other);
    }
    [node, last] = [half(node), half(last)];
  }
  return last === 0 && first?.equals(older.root) === true && second?.equals(newer.root) === true;
}

/** The root over leaves `from` to `to`; `from` is a multiple of the largest power of two below the range's length. */
function rangeHash(from: number, to: number, subtree: SubtreeHash): Buffer {
  const length = to - from;
  if (isPowerOfTwo(length)) {
    const level = Math.log2(length);
    return subtree(level, from / length);
  }
  const middle = from + splitOf(length);
  return nodeHash(rangeHash(from, middle, subtree), rangeHash(middle, to, subtree));
}

/** The largest power of two below `length`, which is above 1. */
function splitOf(length: number): number {
  return 2 ** (Math.ceil(Math.log2(length)) - 1);
}

// Tree sizes pass 2^31 some day: no 32-bit operators.
function half(value: number): number {
  return Math.floor(value / 2);
}

function isPowerOfTwo(value: number): boolean {
  return Number.isInteger(Math.log2(value));
}
