// A worker thread that does nothing but make files durable, with synchronous calls: what the disk gives to one writer.
import { createHash, randomBytes } from 'node:crypto';
import { closeSync, fdatasyncSync, fsyncSync, openSync, renameSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { parentPort, workerData } from 'node:worker_threads';

interface Work {
  readonly root: string;
  readonly bytes: number;
  readonly files: number;
  readonly writer: string;
}

const { root, bytes, files, writer } = workerData as Work;
const content = randomBytes(bytes);
const names = Array.from({ length: files }, (_, n) =>
  createHash('sha256').update(`${root}/${writer}/${n}`).digest('hex'),
);

parentPort?.once('message', () => {
  const latencies: number[] = [];
  names.forEach((name, n) => {
    const started = performance.now();
    content.writeUInt32LE(n);
    writeDurably(name, join(root, `w${writer}.part`));
    latencies.push(performance.now() - started);
  });
  parentPort?.postMessage(latencies);
});
parentPort?.postMessage('ready');

function writeDurably(name: string, temporary: string): void {
  const directory = join(root, 'objects', name.slice(0, 2), name.slice(2, 4));
  const file = openSync(temporary, 'w');
  writeSync(file, content);
  renameSync(temporary, join(directory, name));
  fdatasyncSync(file);
  closeSync(file);
  const entry = openSync(directory, 'r');
  fsyncSync(entry);
  closeSync(entry);
}
