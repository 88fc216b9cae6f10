import { parentPort, workerData } from 'node:worker_threads';
import { toError } from '../../core/errors.ts';
import { openCheckpointer } from '../database.ts';
import { errorParts } from '../error-parts.ts';
import type { ErrorParts } from '../error-parts.ts';
import { toIndexError } from '../sqlite-failures.ts';

/** After each request: undefined when the log was copied, else what went wrong. */
export type CheckpointOutcome = { readonly error: ErrorParts | undefined };

/** Copies the log into the database beside the writer, so that no commit waits for it. */
function start(): void {
  const port = parentPort;
  if (port === null) throw new TypeError('checkpoint-thread runs as a worker thread');
  const db = openCheckpointer((workerData as { path: string }).path);
  port.on('message', (request: 'copy' | 'close') => {
    if (request === 'close') {
      db.close();
      port.close();
      return;
    }
    let error: ErrorParts | undefined;
    try {
      db.pragma('wal_checkpoint(PASSIVE)');
    } catch (thrown) {
      error = errorParts(toIndexError(toError(thrown), db.name));
    }
    port.postMessage({ error } satisfies CheckpointOutcome);
  });
}

start();
