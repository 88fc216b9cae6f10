import { toStoreError } from './store-errors.ts';
import { inParallel } from './in-parallel.ts';
import type { ObjectStore } from './object-store.ts';

export interface ScrubProgress {
  readonly objects: number;
  /** Bytes read. */
  readonly bytes: number;
  readonly faults: number;
}

export interface ScrubFault {
  readonly sha256: string;
  /** OBJECT_MISSING, OBJECT_CORRUPT or why it could not be read. */
  readonly code: string;
  readonly message: string;
}

export interface ScrubOptions {
  readonly store: Pick<ObjectStore, 'verify'>;
  /** What the index says there must be. */
  readonly objects: Iterable<ExpectedObject> | AsyncIterable<ExpectedObject>;
  /** Objects read at once; two keep one disk and one core busy. */
  readonly atOnce: number;
  /** Called for every block that has been read. */
  readonly onProgress: (progress: ScrubProgress) => void;
  readonly onFault: (fault: ScrubFault) => void;
  readonly signal: AbortSignal;
}

export interface ExpectedObject {
  readonly sha256: string;
  readonly size: number;
}

/** Reads objects again and compares size and SHA-256. Memory: two blocks an object. @throws the signal's reason when it fires */
export async function scrub({
  store,
  objects,
  atOnce,
  onProgress,
  onFault,
  signal,
}: ScrubOptions): Promise<ScrubProgress> {
  const progress = { objects: 0, bytes: 0, faults: 0 };
  await inParallel(atOnce, objects, async ({ sha256, size }) => {
    signal.throwIfAborted();
    const onBytes = (bytes: number): void => {
      progress.bytes += bytes;
      onProgress({ ...progress });
    };
    const fault = await store.verify(sha256, size, onBytes, signal).catch((error: unknown) => {
      signal.throwIfAborted();
      return toStoreError(error, 'verify');
    });
    progress.objects += 1;
    if (fault !== undefined) {
      progress.faults += 1;
      onFault({ sha256, code: fault.code, message: fault.message });
    }
    onProgress({ ...progress });
  });
  return { ...progress };
}
