import { createHash, randomBytes } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { fakeInstances } from '../../test/support/fake-instances.ts';
import { tempDir } from '../../test/support/temp-dir.ts';
import type { TempDir } from '../../test/support/temp-dir.ts';
import { encodeFileMeta } from '../dicom/file-meta.ts';
import { UID } from '../dicom/uids.ts';
import type { InstanceRef } from '../index/index-types.ts';
import { ObjectReader } from '../store/reading/object-reader.ts';
import { DigestCheck, ObjectDamagedError } from './digest-check.ts';
import type { ObjectSource } from './object-source.ts';
import { openDataSet, readContent } from './stored-data-set.ts';

const META = encodeFileMeta({
  sopClassUid: UID.CTImageStorage,
  sopInstanceUid: '2.25.1',
  transferSyntaxUid: UID.ExplicitVRLittleEndian,
});
const LARGE = Buffer.concat([META, randomBytes(1_500_000)]);
const instance: InstanceRef = {
  ...fakeInstances(1)[0]!,
  size: LARGE.length,
  sha256: createHash('sha256').update(LARGE).digest('hex'),
};

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

const objects: ObjectSource = {
  read: () => Promise.reject(new Error('it is large')),
  stream: (_sha256, size, hashed) => reader.stream(dir.file('object'), size, hashed),
};

/** What a reader gets of the kept file, and whether it got to the end of it. */
async function readOut(digests: DigestCheck): Promise<{ bytes: Buffer; error: unknown }> {
  const pieces: Buffer[] = [];
  try {
    const stored = await openDataSet(objects, instance, digests);
    try {
      for await (const piece of readContent(stored.content)) pieces.push(piece);
    } finally {
      stored.close();
    }
    return { bytes: Buffer.concat(pieces), error: undefined };
  } catch (error) {
    return { bytes: Buffer.concat(pieces), error };
  }
}

function write(flipped: number | undefined): void {
  const bytes = Buffer.from(LARGE);
  if (flipped !== undefined) bytes[flipped]! ^= 1;
  writeFileSync(dir.file('object'), bytes);
}

describe('a large file', () => {
  const checking = (enabled = true) => {
    const verified: string[] = [];
    let good = false;
    const digests = new DigestCheck({
      enabled,
      verify: async (sha256) => {
        verified.push(sha256);
        return Promise.resolve(good ? undefined : new Error('damaged'));
      },
      damaged: () => undefined,
    });
    return { digests, verified, restore: () => (good = true) };
  };

  test('goes out whole when it is what was stored', async () => {
    write(undefined);
    const { bytes, error } = await readOut(checking().digests);
    expect(error).toBeUndefined();
    expect(bytes.equals(LARGE.subarray(META.length))).toBe(true);
  });

  test.each([META.length, 1_000_000, LARGE.length - 1])('fails at its end when byte %i has flipped', async (at) => {
    write(at);
    expect((await readOut(checking().digests)).error).toBeInstanceOf(ObjectDamagedError);
  });

  test('that is damaged in its file meta fails at once', async () => {
    write(META.length - 1);
    expect((await readOut(checking().digests)).error).toBeInstanceOf(ObjectDamagedError);
    write(128);
    const { bytes, error } = await readOut(checking().digests);
    expect([bytes.length, error instanceof ObjectDamagedError]).toEqual([0, true]);
  });

  test('that was found damaged is hashed first the next time, until it is restored', async () => {
    const { digests, verified, restore } = checking();
    write(LARGE.length - 1);
    const first = await readOut(digests);
    expect(first.bytes.length).toBeGreaterThan(0);
    expect(verified).toEqual([]);
    digests.damaged(instance, first.error as ObjectDamagedError);
    const second = await readOut(digests);
    expect(second.bytes.length).toBe(0);
    expect(second.error).toBeInstanceOf(ObjectDamagedError);
    restore();
    write(undefined);
    expect((await readOut(digests)).error).toBeUndefined();
    expect((await readOut(digests)).error).toBeUndefined();
    expect(verified.length).toBe(2);
  });

  test('is not hashed where that is turned off', async () => {
    write(LARGE.length - 1);
    expect((await readOut(checking(false).digests)).error).toBeUndefined();
  });
});
