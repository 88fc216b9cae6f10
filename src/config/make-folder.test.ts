import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { makeFolder } from './make-folder.ts';
import { StorageLock } from './storage-lock.ts';

let root: string;
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'kuva-folder-'));
});
afterEach(() => rmSync(root, { recursive: true, force: true }));

test('every folder that has been made has its entry synced', () => {
  const synced: string[] = [];
  const sync = (folder: string): void => void synced.push(folder);
  makeFolder(join(root, 'a/b/c'), sync);
  expect(existsSync(join(root, 'a/b/c'))).toBe(true);
  expect(synced).toEqual([join(root, 'a/b'), join(root, 'a'), root]);
  makeFolder(join(root, 'a/b/c'), sync);
  expect(synced).toHaveLength(3);
});

test('the folder of a lock is made with those above it', () => {
  StorageLock.acquire(join(root, 'a/b/node.lock'), 'node').release();
  expect(existsSync(join(root, 'a/b'))).toBe(true);
});
