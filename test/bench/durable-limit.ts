import { once } from 'node:events';
import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { Worker } from 'node:worker_threads';
import type { LoadResult } from './store-load.ts';

/**
 * The same number and size of files written to a temporary name, renamed, fdatasynced and their directory fsynced by as
 * many threads as there are associations, in the same two-level layout: no network, no digest, no index.
 */
export async function runDurableLimit(
  folder: string,
  bytes: number,
  files: number,
  threads: number,
): Promise<LoadResult> {
  const root = await mkdtemp(join(folder, 'limit-'));
  await mkdir(join(root, 'objects'));
  const workers = Array.from({ length: threads }, (_, writer) => {
    const share = Math.floor((files * (writer + 1)) / threads) - Math.floor((files * writer) / threads);
    const workerData = { root, bytes, files: share, writer };
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
    await rm(root, { recursive: true, force: true });
  }
}
