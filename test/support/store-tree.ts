import { createHash } from 'node:crypto';
import { readdirSync } from 'node:fs';
import { join, relative } from 'node:path';
import { ObjectStore } from '../../src/store/object-store.ts';
import type { ObjectStoreOptions } from '../../src/store/object-store.ts';
import { MEMORY_LIMITS } from '../../src/store/memory-budget.ts';
import type { MemoryLimits } from '../../src/store/memory-budget.ts';
import type { Sealed } from '../../src/store/publications.ts';

export const sha256 = (...parts: Buffer[]): string => {
  const hash = createHash('sha256');
  for (const part of parts) hash.update(part);
  return hash.digest('hex');
};

/** Limits so low that anything above 8 kB goes through a spool file. */
export const SPOOL_LIMITS: MemoryLimits = { ...MEMORY_LIMITS, direct: 8 * 1024 };

/** A store in a folder of a test; a failed sync fails the test unless it gives its own `onFatal`. */
export function openStore(root: string, options: Partial<ObjectStoreOptions> = {}): Promise<ObjectStore> {
  const onFatal = (error: Error): void => {
    throw error;
  };
  return ObjectStore.open({ root, role: 'node', reserveBytes: 0, onFatal, ...options });
}

/** Puts one object into the store, durably. */
export async function keep(store: ObjectStore, ...chunks: Buffer[]): Promise<Sealed> {
  const reception = store.receive(chunks[0] ?? Buffer.alloc(0));
  for (const chunk of chunks.slice(1)) {
    if (!reception.write(chunk)) await reception.drained();
  }
  const sealed = await reception.seal();
  await sealed.durable;
  await sealed.done();
  return sealed;
}

/** Paths of all files below a folder, sorted. */
export function filesBelow(root: string): string[] {
  return readdirSync(root, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => relative(root, join(entry.parentPath, entry.name)))
    .toSorted();
}

export const objectFile = (name: string): string => `objects/${name.slice(0, 2)}/${name.slice(2, 4)}/${name}.dcm`;
