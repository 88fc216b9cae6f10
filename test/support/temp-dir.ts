import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** A directory of its own under the system's temporary directory, removed with its content on disposal. */
export interface TempDir extends AsyncDisposable {
  readonly path: string;
  file(...parts: string[]): string;
}

export async function tempDir(prefix = 'kuva-test-'): Promise<TempDir> {
  const path = await mkdtemp(join(tmpdir(), prefix));
  return {
    path,
    file: (...parts) => join(path, ...parts),
    // A child that is just ending may still drop a file, hence the retries.
    [Symbol.asyncDispose]: () => rm(path, { recursive: true, force: true, maxRetries: 5 }),
  };
}
