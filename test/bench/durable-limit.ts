import { once } from 'node:events';
import { existsSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { Worker } from 'node:worker_threads';
import type { LoadResult } from './store-load.ts';

/**
 * The same number and size of files written to a temporary name, renamed, fdatasynced and their directory fsynced by as
 * many threads as there are associations, in the same two-level layout with all folders made before, as in a grown archive: no
 * network, no digest, no index.
 */
export async function runDurableLimit(
  folder: string,
  bytes: number,
  files: number,
  threads: number,
): Promise<LoadResult> {
  const root = prepareTree(join(folder, 'limit'));
  const round = performance.now();
  const workers = Array.from({ length: threads }, (_, writer) => {
    const share = Math.floor((files * (writer + 1)) / threads) - Math.floor((files * writer) / threads);
    const workerData = { root, bytes, files: share, writer: `${round}-${writer}` };
    return new Worker(new URL('./durable-writer.ts', import.meta.url), { workerData });
  });
  try {
    await Promise.all(workers.map((worker) => once(worker, 'message')));
    const started = performance.now();
    const results = workers.map((worker) => once(worker, 'message') as Promise<[number[]]>);
    for (const worker of workers) worker.postMessage('go');
    const latencies = (await Promise.all(results)).flatMap(([each]) => each);
    const seconds = (performance.now() - started) / 1000;
    return { seconds, latencies, failures: files - latencies.length, firstFailure: undefined };
  } finally {
    await Promise.all(workers.map((worker) => worker.terminate()));
  }
}

/** Goes with the folder of the run. */
function prepareTree(root: string): string {
  const names = Array.from({ length: 256 }, (_, n) => n.toString(16).padStart(2, '0'));
  if (!existsSync(root)) {
    for (const top of names) for (const name of names) mkdirSync(join(root, 'objects', top, name), { recursive: true });
  }
  return root;
}
