import fc from 'fast-check';
import { expect, test } from 'vitest';
import { businessIdNode, parseBusinessId } from './business-id.ts';

test('known business ids and forms', () => {
  expect(parseBusinessId('0204819-8')).toBe('0204819-8');
  expect(parseBusinessId('204819-8')).toBe('0204819-8');
  expect(parseBusinessId('2048198')).toBe('0204819-8');
  expect(businessIdNode('0204819-8')).toBe('2048198');
});

test.each(['', '0000000-0', '0204819-7', '02048198-8', '020481x-8', '1.2.246', '0204819--8'])('%s is none', (text) => {
  expect(parseBusinessId(text)).toBeUndefined();
});

test('of ten last digits at most one fits, and its node reads back', () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 9_999_999 }), (number) => {
      const digits = String(number).padStart(7, '0');
      const fitting = '0123456789'.split('').filter((last) => parseBusinessId(`${digits}-${last}`) !== undefined);
      expect(fitting.length).toBeLessThanOrEqual(1);
      for (const last of fitting) {
        expect(parseBusinessId(businessIdNode(`${digits}-${last}`))).toBe(`${digits}-${last}`);
      }
    }),
  );
});
