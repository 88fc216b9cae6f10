import { closeSync, fsyncSync, mkdirSync, openSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { errorCode } from '../core/errors.ts';

/** Makes a folder and those above it that are missing, each with its entry on the disk when this returns. */
export function makeFolder(path: string, sync: (folder: string) => void = syncFolder): void {
  const target = resolve(path);
  const first = mkdirSync(target, { recursive: true });
  if (first === undefined) return;
  for (let made = target; ; made = dirname(made)) {
    sync(dirname(made));
    if (made === first) return;
  }
}

function syncFolder(path: string): void {
  let fd: number;
  try {
    fd = openSync(path, 'r');
  } catch (error) {
    // Another user's, who lets us make folders there and not look.
    if (errorCode(error) === 'EACCES') return;
    throw error;
  }
  try {
    fsyncSync(fd);
  } finally {
    closeSync(fd);
  }
}
