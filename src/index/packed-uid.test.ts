import fc from 'fast-check';
import { expect, test } from 'vitest';
import { packUid, unpackUid } from './packed-uid.ts';

const uid = fc.stringMatching(/^[0-9.]{1,64}$/);

test('any UID text comes back as it was, and different texts stay different', () => {
  fc.assert(
    fc.property(uid, uid, (one, other) => {
      const packed = packUid(one) ?? Buffer.alloc(0);
      expect(unpackUid(packed)).toBe(one);
      expect(packed.length).toBe(Math.ceil(one.length / 2));
      expect(packed.equals(packUid(other) ?? Buffer.alloc(0))).toBe(one === other);
    }),
  );
});

test('the SQL of the views reads it', () => {
  const packed = packUid('1.2.840.10008.1') ?? Buffer.alloc(0);
  expect(packed.toString('hex').toUpperCase().replace(/F+$/, '').replaceAll('B', '.')).toBe('1.2.840.10008.1');
});

test.each(['', '1.2.a', '1.2 ', '1'.repeat(65), '1\u0000', '１.２'])('%j is no UID', (text) => {
  expect(packUid(text)).toBeUndefined();
});
