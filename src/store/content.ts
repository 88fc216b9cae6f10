import { OPEN } from './store-fs.ts';
import type { StoreFs } from './store-fs.ts';

/** Whole content of an object whose hash is known: still in memory, or in a spool file with its descriptor. */
export type Content = MemoryContent | SpoolContent;

export interface MemoryContent {
  readonly kind: 'memory';
  readonly chunks: readonly Buffer[];
  release(): Promise<void>;
}

export interface SpoolContent {
  readonly kind: 'spool';
  readonly path: string;
  readonly fd: number;
  release(): Promise<void>;
}

/** `done` is called at the first `release`: nobody looks at the chunks again. */
export function memoryContent(chunks: readonly Buffer[], done: () => void = () => undefined): MemoryContent {
  let released = false;
  const release = async (): Promise<void> => {
    if (!released) done();
    released = true;
  };
  return { kind: 'memory', chunks, release };
}

/** `release` closes and unlinks the spool file once, however often it is called: a descriptor closed twice could be another's. */
export function spoolContent(fs: StoreFs, path: string, fd: number): SpoolContent {
  let released: Promise<void> | undefined;
  const release = async (): Promise<void> => {
    await fs.close(fd).catch(() => undefined);
    await fs.unlink(path).catch(() => undefined);
  };
  return { kind: 'spool', path, fd, release: () => (released ??= release()) };
}

/** Writes a new spool file; when that fails nothing is left. */
export async function writeSpool(fs: StoreFs, path: string, chunks: readonly Buffer[]): Promise<SpoolContent> {
  const content = spoolContent(fs, path, await fs.open(path, OPEN.create));
  try {
    await fs.writeAll(content.fd, chunks, 0);
    return content;
  } catch (error) {
    await content.release();
    throw error;
  }
}
