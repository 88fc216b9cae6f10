import { createHash } from 'node:crypto';
import type { Hash } from 'node:crypto';
import { parentPort, workerData } from 'node:worker_threads';
import type { DigestAnswer, DigestOrder } from './digest-messages.ts';

const { memory } = workerData as { memory: SharedArrayBuffer };
const running = new Map<number, Hash>();

parentPort!.on('message', ({ serial, digest, blocks, next }: DigestOrder) => {
  const hash = running.get(digest) ?? createHash('sha256');
  for (const block of blocks)
    hash.update(block instanceof Uint8Array ? block : Buffer.from(memory, block.at, block.length));
  if (next === 'more') running.set(digest, hash);
  else running.delete(digest);
  parentPort!.postMessage({ serial, sha256: next === 'tell' ? hash.digest('hex') : undefined } satisfies DigestAnswer);
});
