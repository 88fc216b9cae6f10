import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { claimForImport, claimForNode, claimForReindex } from './storage-claim.ts';
import { StorageInUseError } from './storage-lock.ts';
import { storagePaths } from './storage-paths.ts';
import type { StoragePaths } from './storage-paths.ts';

let paths: StoragePaths;
beforeEach(() => {
  paths = storagePaths({
    storage: { root: mkdtempSync(join(tmpdir(), 'kuva-claim-')), reserveBytes: 0, prepareDirectories: false },
  });
});
afterEach(() => rmSync(paths.root, { recursive: true, force: true }));

test('one node only, and no offline command beside it', () => {
  using _node = claimForNode(paths);
  expect(() => claimForNode(paths)).toThrow(StorageInUseError);
  expect(() => claimForReindex(paths)).toThrow(StorageInUseError);
});

test('an import waits for recovery, then may run beside the node', () => {
  using node = claimForNode(paths);
  expect(() => claimForImport(paths)).toThrow(StorageInUseError);
  node.recovered();
  using _import = claimForImport(paths);
  expect(() => claimForImport(paths)).toThrow(/in use by kuva import/);
});

test('a node starts beside an import that outlived the one before, and knows that it is not alone', () => {
  const first = claimForNode(paths);
  expect(first.alone).toBe(true);
  first.recovered();
  using _import = claimForImport(paths);
  first[Symbol.dispose]();
  using second = claimForNode(paths);
  expect(second.alone).toBe(false);
  second.recovered();
  expect(() => claimForImport(paths)).toThrow(/in use by kuva import/);
});

test('a node does not start on an index that a reindex left unfinished', () => {
  writeFileSync(paths.reindexMark, '');
  expect(() => claimForNode(paths)).toThrow(/run kuva reindex/);
  expect(() => claimForImport(paths)).toThrow(/run kuva reindex/);
  using _alone = claimForReindex(paths);
  expect(existsSync(paths.lock)).toBe(true);
});
