import { hash } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  consistencyProof,
  inclusionProof,
  isConsistent,
  isIncluded,
  leafHash,
  leafHex,
  nodeHash,
  nodeHex,
  rootHash,
} from './merkle.ts';
import type { SubtreeHash } from './merkle.ts';

// Certificate transparency's own test data: leaves and roots of the trees of 1 to 8 of them.
const LEAVES = ['', '00', '10', '2021', '3031', '40414243', '5051525354555657', '606162636465666768696a6b6c6d6e6f'];
const ROOTS = [
  '6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d',
  'fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125',
  'aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77',
  'd37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7',
  '4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4',
  '76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef',
  'ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c',
  '5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328',
];

function treeOf(leaves: readonly Buffer[]): SubtreeHash {
  const at: SubtreeHash = (level, position) => {
    if (level > 0) return nodeHash(at(level - 1, 2 * position), at(level - 1, 2 * position + 1));
    const leaf = leaves[position];
    if (leaf === undefined) throw new RangeError(`no leaf ${position}`);
    return leaf;
  };
  return at;
}

const sized = fc.integer({ min: 1, max: 200 });

function numbered(size: number): Buffer[] {
  return Array.from({ length: size }, (_, i) => leafHash(`entry ${i}`));
}

describe('known trees', () => {
  const leaves = LEAVES.map((hex) => hash('sha256', Buffer.from(`00${hex}`, 'hex'), 'buffer'));

  test.each(ROOTS.map((root, i) => [i + 1, root] as const))('root of %i leaves', (size, root) => {
    expect(rootHash(size, treeOf(leaves)).toString('hex')).toBe(root);
  });

  test('the empty tree is the hash of nothing', () => {
    expect(rootHash(0, treeOf([])).toString('hex')).toBe(hash('sha256', ''));
  });
});

test('hashes are those of RFC 6962 for any text, short after long, in bytes and in hex', () => {
  const texts = fc.array(fc.oneof(fc.string({ unit: 'binary', maxLength: 3000 }), fc.string({ maxLength: 5 })), {
    minLength: 2,
  });
  fc.assert(
    fc.property(texts, (each) => {
      const leaves = each.map((text) => hash('sha256', Buffer.concat([Buffer.of(0), Buffer.from(text)]), 'buffer'));
      expect(each.map(leafHash)).toEqual(leaves);
      expect(each.map(leafHex)).toEqual(leaves.map((leaf) => leaf.toString('hex')));
      const [left, right] = leaves as [Buffer, Buffer];
      const node = hash('sha256', Buffer.concat([Buffer.of(1), left, right]), 'hex');
      expect(nodeHash(left, right).toString('hex')).toBe(node);
      expect(nodeHex(left.toString('hex'), right.toString('hex'))).toBe(node);
    }),
    { numRuns: 30 },
  );
});

test('every leaf is shown to be where it is, and nowhere else', () => {
  fc.assert(
    fc.property(sized, fc.nat(), fc.nat(), (size, pick, other) => {
      const leaves = numbered(size);
      const subtree = treeOf(leaves);
      const [index, wrong] = [pick % size, other % size];
      const root = rootHash(size, subtree);
      const proof = inclusionProof(index, size, subtree);
      const leaf = leaves[index]!;
      expect(isIncluded(leaf, { index, size, root }, proof)).toBe(true);
      expect(isIncluded(leaf, { index: wrong, size, root }, proof)).toBe(wrong === index);
      expect(isIncluded(leafHash('another'), { index, size, root }, proof)).toBe(false);
      expect(isIncluded(leaf, { index, size, root }, [...proof, root])).toBe(false);
    }),
  );
});

test('a tree that only grew is consistent with every older one, a rewritten one with none that saw the difference', () => {
  fc.assert(
    fc.property(sized, fc.nat(), fc.nat(), (size, pick, place) => {
      const older = 1 + (pick % size);
      const leaves = numbered(size);
      const subtree = treeOf(leaves);
      const proof = consistencyProof(older, size, subtree);
      const now = { size, root: rootHash(size, subtree) };
      expect(isConsistent({ size: older, root: rootHash(older, subtree) }, now, proof)).toBe(true);
      const changed = place % size;
      const forged = treeOf(leaves.with(changed, leafHash('forged')));
      const before = { size: older, root: rootHash(older, forged) };
      expect(isConsistent(before, now, consistencyProof(older, size, forged))).toBe(false);
      expect(isConsistent(before, now, proof)).toBe(changed >= older);
    }),
  );
});

test('a proof for a tree of 80 million entries has 27 hashes', () => {
  const made = inclusionProof(12_345_678, 80_000_000, () => Buffer.alloc(32));
  expect(made.length).toBeLessThanOrEqual(27);
});
