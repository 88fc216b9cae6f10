import { createHash, randomBytes } from 'node:crypto';
import { expect, test } from 'vitest';
import { BlockPool } from '../block-pool.ts';
import { StreamDigests } from './stream-digests.ts';

const sha256 = (...parts: Buffer[]): string => createHash('sha256').update(Buffer.concat(parts)).digest('hex');

test.each([true, false])('several at once, of shared blocks and of others, on the thread: %s', async (started) => {
  const pool = new BlockPool();
  await using digests = new StreamDigests(pool.memory);
  if (started) await digests.start();
  const one = async (): Promise<void> => {
    const digest = digests.begin();
    const parts: Buffer[] = [];
    for (let i = 0; i < 5; i += 1) {
      const block = pool.take();
      randomBytes(block.length).copy(block);
      const blocks = [block.subarray(0, 1000 * (i + 1)), randomBytes(70)];
      parts.push(...blocks.map((each) => Buffer.from(each)));
      await digest.add(blocks);
      // Somebody else's from now on.
      block.fill(0);
      pool.give([block]);
    }
    expect(await digest.tell()).toBe(sha256(...parts));
  };
  await Promise.all([one(), one(), one()]);
});

test('of nothing, and of what was given up, nothing is left over for another', async () => {
  await using digests = new StreamDigests(new BlockPool().memory);
  await digests.start();
  const given = digests.begin();
  await given.add([Buffer.from('abc')]);
  given.forget();
  expect(await digests.begin().tell()).toBe(sha256());
});

test('a thread that ends fails what it has begun, and what comes next is served all the same', async () => {
  await using digests = new StreamDigests(new BlockPool().memory);
  await digests.start();
  const cut = digests.begin();
  await cut.add([Buffer.from('abc')]);
  await digests[Symbol.asyncDispose]();
  await expect(cut.tell()).rejects.toMatchObject({ code: 'STORE_STOPPED' });
  for (const _ of ['here', 'on another thread']) {
    const next = digests.begin();
    await next.add([Buffer.from('abc')]);
    expect(await next.tell()).toBe(sha256(Buffer.from('abc')));
    await digests.start();
  }
});
