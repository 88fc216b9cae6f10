import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { isStrictUid, isUid, parseUid, UidError, uidFromUuid } from './uid-syntax.ts';

const code = (bytes: string): string => {
  try {
    return parseUid(Buffer.from(bytes, 'latin1'));
  } catch (error) {
    if (error instanceof UidError) return error.code;
    throw error;
  }
};

describe('parseUid', () => {
  it.each([
    ['1.2.840.10008.1.2', '1.2.840.10008.1.2'],
    ['1.2.840\0', '1.2.840'],
    ['1.2.840  ', '1.2.840'],
    ['1.02.3', '1.02.3'],
    ['1', '1'],
    ['1'.repeat(64), '1'.repeat(64)],
    ['', 'UID_EMPTY'],
    ['\0', 'UID_EMPTY'],
    ['    ', 'UID_EMPTY'],
    ['1.2\0\0', 'UID_CHARACTER'],
    [' 1.2', 'UID_CHARACTER'],
    ['1.2/../3', 'UID_CHARACTER'],
    ['1.2\\1.3', 'UID_CHARACTER'],
    ['1.2\n', 'UID_CHARACTER'],
    ['1.\xb2', 'UID_CHARACTER'],
    ['1..2', 'UID_COMPONENT'],
    ['.1', 'UID_COMPONENT'],
    ['1.2.', 'UID_COMPONENT'],
    ['1'.repeat(65), 'UID_TOO_LONG'],
  ])('%j gives %s', (bytes, expected) => {
    expect(code(bytes)).toBe(expected);
  });

  it('gives back what isUid accepts, and nothing else from any bytes', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 70 }), (bytes) => {
        const result = code(Buffer.from(bytes).toString('latin1'));
        expect(result.startsWith('UID_') || isUid(result)).toBe(true);
      }),
    );
    fc.assert(
      fc.property(fc.stringMatching(/^[0-9.]{1,66}$/), (text) => {
        expect(code(text) === text).toBe(isUid(text));
      }),
    );
  });
});

describe('isStrictUid', () => {
  it.each([
    ['1.2.840.10008.1.2', true],
    ['2.25.84790737088612584159831067214161140471', true],
    ['1.0', true],
    ['1.02', false],
    ['3.1', false],
    ['1.40', false],
    ['1', false],
    [`1.${'2'.repeat(63)}`, false],
  ])('%s: %s', (uid, expected) => {
    expect(isStrictUid(uid)).toBe(expected);
  });
});

it('makes the UID of a UUID (PS3.5 B.2, its example)', () => {
  expect(uidFromUuid('f81d4fae-7dec-11d0-a765-00a0c91e6bf6')).toBe('2.25.329800735698586629295641978511506172918');
});
