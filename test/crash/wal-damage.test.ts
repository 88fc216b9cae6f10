import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test, vi } from 'vitest';
import { deriveStudy } from '../support/derive-sample.ts';
import { NodeProcess } from '../support/node-process.ts';
import { sendWithOwnRequestor } from '../support/own-sender.ts';
import { filesBelow } from '../support/store-tree.ts';
import { tempDir } from '../support/temp-dir.ts';
import { waitFor } from '../support/wait-for.ts';

vi.setConfig({ testTimeout: 240_000 });

const COUNT = 8;
const ADOPTED = /"adopted":(\d+)/;
// SQLite's write-ahead log: a header of 32 bytes, then frames of 24 bytes and a page each.
const WAL_HEADER = 32;
const FRAME_HEADER = 24;

/** Turns one bit in the page of the first frame: SQLite takes it, and every frame behind it, for never written. */
function damageLog(path: string): boolean {
  const log = readFileSync(path);
  if (log.length < WAL_HEADER + FRAME_HEADER + 100) return false;
  log[WAL_HEADER + FRAME_HEADER + 50]! ^= 1;
  writeFileSync(path, log);
  return true;
}

test('a log of the index that has rotted after a crash costs no acknowledged object', async () => {
  await using node = await NodeProcess.start();
  await using dir = await tempDir();
  let acknowledged = 0;
  let adopted = 0;
  // The log may have been emptied into the database before the node was killed: then nothing was lost, and it is tried again.
  for (let round = 0; round < 5 && adopted === 0; round++) {
    const uids = [`0020,000d=2.25.${9100 + round}`, `0020,000e=2.25.${9200 + round}`];
    const files = await Promise.all(Array.from({ length: COUNT }, (_, at) => deriveOne(dir, round * COUNT + at, uids)));
    expect(await sendWithOwnRequestor(node.peer('SCU'), files)).toEqual(Array(COUNT).fill(0));
    acknowledged += COUNT;
    await node.kill();
    const damaged = damageLog(join(node.storageRoot, 'kuva.sqlite-wal'));
    await node.start();
    await waitFor('what the start found to be told', () => ADOPTED.test(node.output()));
    adopted = damaged ? Number(ADOPTED.exec(node.output())?.[1]) : 0;
    const metrics = await (await fetch(`http://127.0.0.1:${node.httpPort}/metrics`)).text();
    expect(metrics).toContain(`\nkuva_count_instances ${acknowledged}\n`);
    expect(filesBelow(join(node.storageRoot, 'objects')).length).toBe(acknowledged);
  }
  expect(adopted).toBeGreaterThan(0);
  expect((await node.kuva('verify')).code).toBe(0);
});

async function deriveOne(
  dir: Awaited<ReturnType<typeof tempDir>>,
  n: number,
  tags: readonly string[],
): Promise<string> {
  await using own = await tempDir();
  const [path] = await deriveStudy(own, 'test_files/CT_small.dcm', 1, [...tags, `0008,0018=2.25.${9300 + n}`]);
  const kept = dir.file(`${n}.dcm`);
  writeFileSync(kept, readFileSync(path!));
  return kept;
}
