import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { dataSetOf, decodeDataSet, encodeDataSet, sequence, text, uid, unsignedShort } from './data-set.ts';
import { RecodeError } from './element-transcoder.ts';
import { canRecode, recode } from './recode.ts';
import { TAG } from './tags.ts';
import { UID } from './uids.ts';

const SYNTAXES = [
  UID.ImplicitVRLittleEndian,
  UID.ExplicitVRLittleEndian,
  UID.ExplicitVRBigEndian,
  UID.DeflatedExplicitVRLittleEndian,
];

async function* cut(bytes: Buffer, size: number): AsyncGenerator<Buffer> {
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size);
}

async function drain(source: AsyncIterable<Buffer>): Promise<Buffer> {
  const parts: Buffer[] = [];
  for await (const part of source) parts.push(part);
  return Buffer.concat(parts);
}

function recoded(bytes: Buffer, from: string, to: string, chunk = 1000): Promise<Buffer> {
  return drain(recode(cut(bytes, chunk), from, to));
}

async function faultOf(hex: string, from: string, to: string): Promise<string> {
  try {
    await recoded(Buffer.from(hex.replaceAll(' ', ''), 'hex'), from, to);
    return 'recoded';
  } catch (error) {
    if (error instanceof RecodeError) return error.code;
    throw error;
  }
}

const DATA_SET = dataSetOf(
  uid(TAG.SOPInstanceUID, '1.2.3'),
  sequence(TAG.ProcedureCodeSequence, [dataSetOf(text(TAG.CodeValue, 'SH', 'X', '')), new Map()]),
  { tag: 0x00090010, vr: 'LO', bytes: Buffer.from('ACME') },
  { tag: 0x00091001, vr: 'UN', bytes: Buffer.from([1, 2, 3, 4]) },
  { tag: 0x00189306, vr: 'FD', bytes: Buffer.from(Float64Array.of(1.5, -2).buffer) },
  unsignedShort(TAG.Rows, 0x0102),
  { tag: 0x00280009, vr: 'AT', bytes: Buffer.from('18006310', 'hex') },
  { tag: TAG.PixelData, vr: 'OW', bytes: Buffer.from(Array.from({ length: 5000 }, (_, i) => i & 0xff)) },
);

describe('every pair of uncompressed syntaxes', () => {
  const pairs = SYNTAXES.flatMap((from) => SYNTAXES.map((to) => [from, to] as const));
  it.each(pairs)('%s to %s', async (from, to) => {
    const source = encodeDataSet(DATA_SET, from);
    const target = await recoded(source, from, to);
    expect(encodeDataSet(decodeDataSet(target, to), UID.ExplicitVRLittleEndian)).toEqual(
      encodeDataSet(DATA_SET, UID.ExplicitVRLittleEndian),
    );
    expect(target.length % 2).toBe(0);
    for (const chunk of [1, 7, 4096]) expect(await recoded(source, from, to, chunk)).toEqual(target);
  });
});

it('turns encapsulated, private and unknown syntaxes down', async () => {
  expect(canRecode(UID.JPEGBaseline8Bit, UID.ExplicitVRLittleEndian)).toBe(false);
  expect(canRecode(UID.ExplicitVRLittleEndian, '1.2.3')).toBe(false);
  expect(canRecode('1.2.3', '1.2.3')).toBe(true);
  expect(await faultOf('', UID.JPEGBaseline8Bit, UID.ExplicitVRLittleEndian)).toBe('UNSUPPORTED');
});

describe('VR rules', () => {
  const implicitTo = (hex: string, to: string = UID.ExplicitVRLittleEndian): Promise<Buffer> =>
    recoded(Buffer.from(hex.replaceAll(' ', ''), 'hex'), UID.ImplicitVRLittleEndian, to);
  it.each([
    ['US by default', '2800 0601 02000000 ffff', '2800 0601 5553 0200 ffff'],
    [
      'SS when pixels are signed',
      '2800 0301 02000000 0100 2800 0601 02000000 ffff',
      '2800 0301 5553 0200 0100 2800 0601 5353 0200 ffff',
    ],
    ['UN for private elements', '0900 0110 02000000 0102', '0900 0110 554e 0000 02000000 0102'],
    ['LO for private creators', '0900 1000 02000000 4142', '0900 1000 4c4f 0200 4142'],
    ['OW for overlays of any group', '0260 0030 02000000 0102', '0260 0030 4f57 0000 02000000 0102'],
    [
      'SQ for a private sequence',
      '0900 0110 ffffffff feff00e0 00000000 feffdde0 00000000',
      '0900 0110 5351 0000 ffffffff feff00e0 ffffffff feff0de0 00000000 feffdde0 00000000',
    ],
    ['no group lengths', '0800 0000 04000000 00000000 0800 6000 02000000 4354', '0800 6000 4353 0200 4354'],
    ['padding for an odd length', '1000 2000 01000000 41', '1000 2000 4c4f 0200 4120'],
  ])('%s', async (_, from, to) => {
    expect((await implicitTo(from)).toString('hex')).toBe(to.replaceAll(' ', ''));
  });

  it('sends a value that a 16-bit length cannot hold as UN, in its own order', async () => {
    const long = await recoded(
      Buffer.concat([Buffer.from('2800060170110100', 'hex'), Buffer.alloc(70_000, 'ab')]),
      UID.ImplicitVRLittleEndian,
      UID.ExplicitVRBigEndian,
    );
    expect(long.toString('hex', 0, 14)).toBe('00280106554e0000000111706162');
  });

  it('leaves UN as it is in big endian, and swaps the rest by its VR', async () => {
    const big = await implicitTo(
      '0900 0110 02000000 0102 1800 0693 08000000 0102030405060708',
      UID.ExplicitVRBigEndian,
    );
    expect(big.toString('hex')).toBe('00091001554e000000000002' + '0102' + '0018930646440008' + '0807060504030201');
  });
});

describe('faults', () => {
  const {
    ImplicitVRLittleEndian: implicit,
    ExplicitVRLittleEndian: explicit,
    DeflatedExplicitVRLittleEndian: deflated,
  } = UID;
  it.each([
    ['0800', explicit, 'TRUNCATED'],
    ['0800 6000 4353 0400 4354', explicit, 'TRUNCATED'],
    ['0800 3210 5351 0000 ffffffff', explicit, 'TRUNCATED'],
    ['0800 3210 5351 0000 08000000 0800 6000 4353 0000', explicit, 'MALFORMED'],
    ['feff 0de0 00000000', explicit, 'MALFORMED'],
    ['0800 3210 5351 0000 0c000000 feff 00e0 ff000000 00000000', explicit, 'LENGTH_BEYOND_END'],
    ['e07f 1000 4f42 0000 ffffffff feff 00e0 00000000', explicit, 'ENCAPSULATED'],
    ['0900 0110 ffffffff feff 00e0 ffffffff'.repeat(80), implicit, 'TOO_DEEP'],
    ['ffffff', deflated, 'INFLATE'],
  ])('%s from %s', async (hex, from, code) => {
    expect(await faultOf(hex, from, UID.ExplicitVRBigEndian)).toBe(code);
  });

  it('passes a failure of the source on', async () => {
    async function* failing(): AsyncGenerator<Buffer> {
      yield encodeDataSet(DATA_SET, UID.ExplicitVRLittleEndian).subarray(0, 20);
      throw new Error('disk');
    }
    for (const to of [UID.ImplicitVRLittleEndian, deflated]) {
      await expect(drain(recode(failing(), explicit, to))).rejects.toThrow('disk');
    }
    await expect(drain(recode(failing(), deflated, explicit))).rejects.toThrow(/cannot be inflated|disk/);
  });

  it('gives only its own errors for any bytes, the same however they are cut', async () => {
    const outcome = async (bytes: Buffer, from: string, to: string, chunk: number): Promise<string> => {
      try {
        return (await recoded(bytes, from, to, chunk)).toString('hex');
      } catch (error) {
        if (error instanceof RecodeError) return error.message;
        throw error;
      }
    };
    const pieces = fc.constantFrom(
      '08003210',
      '1000200004000000',
      '53510000ffffffff',
      'feff00e0ffffffff',
      'feff00e004000000',
      'feff0de000000000',
      'feffdde000000000',
      '28000301020000000100',
      '554e0000',
      '0a000000',
      '2000',
    );
    const bytes = fc.oneof(
      fc.uint8Array({ maxLength: 120 }).map((b) => Buffer.from(b)),
      fc.array(pieces, { maxLength: 12 }).map((parts) => Buffer.from(parts.join(''), 'hex')),
    );
    const uncompressed = fc.constantFrom(...SYNTAXES.slice(0, 3));
    await fc.assert(
      fc.asyncProperty(
        bytes,
        uncompressed,
        uncompressed,
        fc.integer({ min: 1, max: 20 }),
        async (data, from, to, chunk) => {
          expect(await outcome(data, from, to, chunk)).toBe(await outcome(data, from, to, data.length + 1));
        },
      ),
      { numRuns: 500 },
    );
  });
});

it('does not gather what it passes on', async () => {
  const block = Buffer.alloc(1 << 16, 5);
  let given = 0;
  let ahead = 0;
  async function* large(): AsyncGenerator<Buffer> {
    yield Buffer.from('e07f100000000004', 'hex');
    for (; given < 1024; given += 1) yield block;
  }
  let taken = 0;
  for await (const part of recode(large(), UID.ImplicitVRLittleEndian, UID.ExplicitVRBigEndian)) {
    taken += part.length;
    ahead = Math.max(ahead, given * block.length - taken);
  }
  expect(taken).toBe((1 << 26) + 12);
  expect(ahead).toBeLessThan(4 * block.length);
});
