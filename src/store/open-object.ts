import { toStoreError } from './store-errors.ts';
import { OPEN } from './store-fs.ts';
import type { StoreFs } from './store-fs.ts';

/** An object opened for reading; whoever opened it closes it. */
export interface OpenObject {
  readonly fd: number;
  /** Bytes of the file. */
  readonly size: number;
  close(): Promise<void>;
}

/** @throws StoreError OBJECT_MISSING and others */
export async function openObject(fs: StoreFs, file: string): Promise<OpenObject> {
  try {
    const fd = await fs.open(file, OPEN.read);
    const close = (): Promise<void> => fs.close(fd);
    try {
      return { fd, size: (await fs.fstat(fd)).size, close };
    } catch (error) {
      await close();
      throw error;
    }
  } catch (error) {
    throw toStoreError(error, 'open');
  }
}
