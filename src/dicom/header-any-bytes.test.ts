import { deflateRawSync } from 'node:zlib';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { encodeDataSet } from './data-set.ts';
import { HeaderError } from './header-reader.ts';
import { TAG } from './tags.ts';
import { EXPECTED, faultOf, hex, read, whole } from './test-support/read-header.ts';
import { UID } from './uids.ts';

describe('deflated', () => {
  it('refuses what is not deflated', () => {
    expect(faultOf(hex('ffff ffff ffff'), UID.DeflatedExplicitVRLittleEndian)).toMatch(/^HEADER_INFLATE/);
  });

  it('reads a header before large pixel data in small steps', () => {
    const coded = encodeDataSet(
      whole({ tag: TAG.PixelData, vr: 'OW', bytes: Buffer.alloc(20 << 20) }),
      UID.DeflatedExplicitVRLittleEndian,
    );
    const { used, ...header } = read(coded, UID.DeflatedExplicitVRLittleEndian, 1000);
    expect(header).toEqual(EXPECTED);
    expect(used).toBeLessThanOrEqual(5000);
  });

  it('gives up on a bomb within bounds', () => {
    const item = hex('feff 00e0 00000000');
    const bomb = deflateRawSync(
      Buffer.concat([hex('0900 0110 5351 0000 ffffffff'), ...Array.from({ length: 200_000 }, () => item)]),
    );
    expect(read(bomb, UID.DeflatedExplicitVRLittleEndian).truncated).toBe(true);
    const skipped = deflateRawSync(
      Buffer.concat([hex('0900 0110 4f42 0000 00000010'), Buffer.alloc(0x10000000 >> 1)]),
      { level: 1 },
    );
    expect(read(skipped, UID.DeflatedExplicitVRLittleEndian, 4096).truncated).toBe(true);
  });
});

it('gives a header or its own error for any bytes, the same however they are cut', () => {
  const outcome = (bytes: Buffer, syntax: string, chunk: number): string => {
    try {
      return JSON.stringify({ ...read(bytes, syntax, chunk), used: 0 });
    } catch (error) {
      if (error instanceof HeaderError) return error.message;
      throw error;
    }
  };
  const syntaxes = fc.constantFrom<string>(
    UID.ImplicitVRLittleEndian,
    UID.ExplicitVRLittleEndian,
    UID.ExplicitVRBigEndian,
    UID.DeflatedExplicitVRLittleEndian,
    '1.2.3',
  );
  const pieces = fc.constantFrom(
    '08003210',
    '0800180055490400312e3200',
    '53510000ffffffff',
    'feff00e0ffffffff',
    'feff00e004000000',
    'feff0de000000000',
    'feffdde000000000',
    '10001000504e0400',
    '554e0000',
    '0a000000',
    '2000',
  );
  const bytes = fc.oneof(
    fc.uint8Array({ maxLength: 120 }).map((b) => Buffer.from(b)),
    fc.array(pieces, { maxLength: 12 }).map((parts) => hex(...parts)),
  );
  fc.assert(
    fc.property(bytes, syntaxes, fc.integer({ min: 1, max: 20 }), (data, syntax, chunk) => {
      expect(outcome(data, syntax, chunk)).toBe(outcome(data, syntax, data.length));
    }),
    { numRuns: 2000 },
  );
});
