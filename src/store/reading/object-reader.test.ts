import { execFileSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import {
  closeSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { sha256 } from '../../../test/support/store-tree.ts';
import { tempDir } from '../../../test/support/temp-dir.ts';
import type { TempDir } from '../../../test/support/temp-dir.ts';
import { waitFor } from '../../../test/support/wait-for.ts';
import { ObjectReader } from './object-reader.ts';

const MIB = 1024 * 1024;

let dir: TempDir;
let reader: ObjectReader;
beforeEach(async () => {
  dir = await tempDir();
  reader = new ObjectReader();
});
afterEach(async () => {
  await reader[Symbol.asyncDispose]();
  await dir[Symbol.asyncDispose]();
});

function file(name: string, content: Buffer): string {
  writeFileSync(dir.file(name), content);
  return dir.file(name);
}

describe('a whole file', () => {
  test('comes byte for byte with its SHA-256, many at once and memory used again', async () => {
    const contents = Array.from({ length: 60 }, (_, n) => randomBytes(n * 3000));
    const paths = contents.map((content, n) => file(`f${n}`, content));
    for (let round = 0; round < 3; round++) {
      const read = await Promise.all(paths.map((path, n) => reader.read(path, contents[n]!.length, true)));
      for (const [n, { bytes, sha256: found, release }] of read.entries()) {
        expect(bytes.equals(contents[n]!)).toBe(true);
        expect(found).toBe(sha256(contents[n]!));
        release(round > 0);
      }
    }
  });

  test('keeps its bytes until it is released, whatever is read meanwhile', async () => {
    const held = await reader.read(file('held', Buffer.alloc(70_000, 1)), 70_000, false);
    const path = file('other', Buffer.alloc(70_000, 2));
    for (let n = 0; n < 5; n++) (await reader.read(path, 70_000, false)).release(true);
    expect(held.bytes.equals(Buffer.alloc(70_000, 1))).toBe(true);
    // Not seen to its end: it stays as it is even then.
    held.release(false);
    for (let n = 0; n < 5; n++) (await reader.read(path, 70_000, false)).release(true);
    expect(held.bytes.equals(Buffer.alloc(70_000, 1))).toBe(true);
  });

  test('is hashed only when it is asked for', async () => {
    expect((await reader.read(file('f', Buffer.alloc(9)), 9, false)).sha256).toBe('');
  });

  test.each([
    ['shorter', 9, 9],
    ['longer', 30, 11],
    ['empty', 0, 0],
  ])('that is %s than it should be says so by its length and has no hash', async (_, size, length) => {
    const { bytes, sha256: found } = await reader.read(file('f', Buffer.alloc(size)), 10, true);
    expect([bytes.length, found]).toEqual([length, '']);
  });
});

describe('a file in blocks', () => {
  async function take(path: string, size: number, left: (block: number) => boolean) {
    const blocks = reader.stream(path, size, true);
    const pieces: Buffer[] = [];
    for (let block: Buffer | undefined; (block = await blocks.take(left(pieces.length))) !== undefined;)
      pieces.push(Buffer.from(block));
    const end = blocks.end();
    blocks.close(true);
    return { bytes: Buffer.concat(pieces), ...end };
  }

  test.each([1, MIB, MIB + 1, 3 * MIB, 7 * MIB - 5])('of %i bytes comes whole, with its SHA-256', async (size) => {
    const content = randomBytes(size);
    const path = file('f', content);
    // Several at once, with memory that serves again and with memory that does not.
    const ways = [() => true, () => false, (block: number) => block % 2 === 0];
    for (const read of await Promise.all(ways.map((left) => take(path, size, left)))) {
      expect(read.bytes.equals(content)).toBe(true);
      expect([read.size, read.sha256]).toEqual([size, sha256(content)]);
    }
  });

  test('keeps the last block that was taken, and all of them while they have not left', async () => {
    const content = randomBytes(6 * MIB);
    const blocks = reader.stream(file('f', content), content.length, false);
    const held: Buffer[] = [];
    for (let block: Buffer | undefined; (block = await blocks.take(false)) !== undefined;) held.push(block);
    expect(blocks.end().sha256).toBe('');
    blocks.close(false);
    const other = await take(file('other', randomBytes(6 * MIB)), 6 * MIB, () => true);
    expect(other.size).toBe(6 * MIB);
    expect(Buffer.concat(held).equals(content)).toBe(true);
  });

  test.each([
    ['ends in its first block', 1000],
    ['ends between two blocks', 2 * MIB],
    ['ends in its last block', 5 * MIB - 1],
    ['goes on', 5 * MIB + 7],
  ])('that %s has no hash and another size', async (_, actual) => {
    const read = await take(file('f', randomBytes(actual)), 5 * MIB, () => true);
    expect([read.size, read.sha256]).toEqual([Math.min(actual, 5 * MIB + 1), '']);
  });

  test('that is given up leaves nothing open, and what is read beside it comes', async () => {
    const content = randomBytes(4 * MIB);
    const path = file('f', content);
    const opened = () => readdirSync('/proc/self/fd').filter((fd) => linkOf(fd) === path).length;
    const whole = take(path, content.length, () => true);
    for (let taken = 0; taken < 3; taken++) {
      const blocks = reader.stream(path, content.length, true);
      for (let n = 0; n < taken; n++) await blocks.take(true);
      blocks.close(true);
    }
    expect((await whole).sha256).toBe(sha256(content));
    await waitFor('the files to be closed', () => (opened() === 0 ? true : undefined));
  });

  test('that is missing says so to who takes its first block', async () => {
    const blocks = reader.stream(dir.file('missing'), 3 * MIB, true);
    await expect(blocks.take(true)).rejects.toMatchObject({ code: 'OBJECT_MISSING' });
    blocks.close(true);
  });
});

function linkOf(fd: string): string {
  try {
    return readlinkSync(`/proc/self/fd/${fd}`);
  } catch {
    return ''; // closed meanwhile
  }
}

describe('the threads', () => {
  const NICE = 7;
  /** Threads of this process that give way to others: the 19th field of proc(5)'s stat, the 17th behind the name. */
  const giveWay = () =>
    readdirSync('/proc/self/task').filter((tid) => {
      const stat = readFileSync(`/proc/self/task/${tid}/stat`, 'latin1');
      return stat.slice(stat.lastIndexOf(')') + 2).split(' ')[16] === String(NICE);
    }).length;
  /** Has the files read from the disk the next time. */
  const forget = (paths: readonly string[]) => {
    for (const path of paths) execFileSync('dd', [`if=${path}`, 'iflag=nocache', 'count=0', 'status=none']);
  };
  const fromDisk = () => Number(/^read_bytes: (\d+)/m.exec(readFileSync('/proc/thread-self/io', 'latin1'))?.[1]);
  const read = async (from: ObjectReader, paths: readonly string[]) => {
    for (const { release } of await Promise.all(paths.map((path) => from.read(path, MIB, true)))) release(true);
  };

  test('are one for what lies in memory, whatever others read from the disk, and several for what does not', async () => {
    await using nicer = new ObjectReader({ nice: NICE });
    const paths = Array.from({ length: 8 }, (_, n) => file(`f${n}`, randomBytes(MIB)));
    const others = file('others', randomBytes(MIB));
    execFileSync('sync', ['-f', dir.path]);
    for (let round = 0; round < 3; round++) {
      forget([others]);
      readFileSync(others);
      await read(nicer, paths.slice(0, 1));
    }
    await read(nicer, paths);
    expect(giveWay()).toBe(1);
    for (let round = 0; round < 2; round++) {
      forget(paths);
      await read(nicer, paths);
    }
    // Some file systems have no disk under them.
    forget([others]);
    const before = fromDisk();
    readFileSync(others);
    expect(giveWay() > 1).toBe(fromDisk() > before);
  });
});

describe('what cannot be read', () => {
  test('is told with the cause, and what is asked beside it comes', async () => {
    mkdirSync(dir.file('folder'));
    const good = file('good', Buffer.from('good'));
    symlinkSync(good, dir.file('link'));
    const results = await Promise.allSettled(
      [dir.file('missing'), dir.file('folder'), dir.file('link'), good].map((path) => reader.read(path, 4, true)),
    );
    expect(results).toMatchObject([
      { reason: { code: 'OBJECT_MISSING', facts: { errno: 'ENOENT' } } },
      { reason: { code: 'STORE_IO', facts: { errno: 'EISDIR' } } },
      { reason: { code: 'STORE_IO', facts: { errno: 'ELOOP' } } },
      { value: { sha256: sha256(Buffer.from('good')) } },
    ]);
  });

  test('keeps nobody else waiting for long, though it does not even fail', async () => {
    const pipe = dir.file('pipe');
    execFileSync('mkfifo', [pipe]);
    // Opening it waits for one that writes into it.
    const stuck = Promise.allSettled([reader.read(pipe, 4, true)]);
    const path = file('f', Buffer.alloc(5));
    const asked: Promise<void>[] = [];
    let came = 0;
    await waitFor('a file read beside it', () => {
      asked.push(reader.read(path, 5, true).then(({ release }) => (came++, release(true))));
      return came > 0 ? true : undefined;
    });
    closeSync(openSync(pipe, 'w'));
    expect(await stuck).toMatchObject([{ reason: { code: 'STORE_IO' } }]);
    await Promise.all(asked);
    expect(came).toBe(asked.length);
  });

  test('after the end is refused, and what was asked before it is', async () => {
    const path = file('f', Buffer.alloc(5));
    const asked = Promise.allSettled([reader.read(path, 5, true)]);
    await reader[Symbol.asyncDispose]();
    expect(await asked).toMatchObject([{ reason: { code: 'STORE_STOPPED' } }]);
    await expect(reader.read(path, 5, true)).rejects.toMatchObject({ code: 'STORE_STOPPED' });
  });
});
