import { createHash } from 'node:crypto';
import { writeSync } from 'node:fs';
import { recover } from '../../src/recovery.ts';
import { LogIndex } from '../support/log-index.ts';
import { openStore, SPOOL_LIMITS } from '../support/store-tree.ts';

// Started by store-kill.test.ts: keeps objects in the folder it is given, two at a time, and writes one line when one may be
// acknowledged. Sizes below and above the spool limit, one object twice.
const [root, seed] = process.argv.slice(2) as [string, string];
const SIZES = [3000, 100_000, 5000, 700_000, 3000, 100_000];

const index = new LogIndex(`${root}/index.log`);
const store = await openStore(root, { limits: SPOOL_LIMITS });
await recover({ store, index, adopt: (sha256, size) => index.addInstance({ sha256, size }) });

async function keep(nth: number): Promise<void> {
  const reception = store.receive(Buffer.from(`${seed}-${nth % 4}-`));
  let left = SIZES[nth]!;
  for (
    let block = createHash('sha256').update(seed).digest();
    left > 0;
    block = createHash('sha256').update(block).digest()
  ) {
    const chunk = Buffer.concat(Array.from({ length: 256 }, () => block)).subarray(0, left);
    left -= chunk.length;
    if (!reception.write(chunk)) await reception.drained();
  }
  const sealed = await reception.seal();
  await Promise.all([sealed.durable, index.addInstance(sealed)]);
  writeSync(1, `${sealed.sha256} ${sealed.size}\n`);
  await sealed.done();
}

let next = 0;
const worker = async (): Promise<void> => {
  while (next < SIZES.length) {
    const nth = next;
    next += 1;
    await keep(nth);
  }
};
await Promise.all([worker(), worker()]);
await store.close(true);
writeSync(1, 'end\n');
