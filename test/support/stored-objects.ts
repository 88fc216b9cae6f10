import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parsePart10 } from './part10.ts';

/** Path of the file in a node's object tree that holds this instance. */
export function storedObject(storageRoot: string, sopInstanceUid: string): string {
  const root = join(storageRoot, 'objects');
  for (const entry of readdirSync(root, { recursive: true, withFileTypes: true })) {
    const path = join(entry.parentPath, entry.name);
    if (entry.isFile() && parsePart10(readFileSync(path))?.sopInstanceUid === sopInstanceUid) return path;
  }
  throw new Error(`no object holds ${sopInstanceUid}`);
}
