import fc from 'fast-check';
import { expect, test } from 'vitest';
import { logWithoutPatients, withoutIdentityCodes } from './without-patients.ts';

test.each(['131052-308T', '010594Y9032', '020594x903p', '010181-900C', '290200A902Z', '010594+903B'])(
  'no personal identity code stays: %s',
  (hetu) => {
    for (const text of [hetu, `held for ${hetu}, twice`, `"${hetu}"`, `patient=${hetu}`, `^^^${hetu}^`])
      expect(withoutIdentityCodes(text)).toBe(text.replace(hetu, '(personal identity code)'));
  },
);

test('UIDs, digests and times stay as they are', () => {
  const hex = fc.array(fc.constantFrom(...Array.from('0123456789abcdef')), { minLength: 64, maxLength: 64 });
  const uid = fc.array(fc.nat(999_999_999), { minLength: 2, maxLength: 8 }).map((parts) => parts.join('.'));
  fc.assert(
    fc.property(hex, uid, fc.date({ noInvalidDate: true }), (digest, oid, date) => {
      const text = `${digest.join('')} ${oid} ${date.toISOString()}`;
      expect(withoutIdentityCodes(text)).toBe(text);
    }),
  );
});

test('of a log the latest lines, without what is below patient and without what is no line of it', () => {
  const log = [
    '{"message":"old"}',
    '{"message":"stored","patient":{"name":"Nieminen^Aino"},"study":"1.2.3"}',
    'Nieminen^Aino fell out of an editor',
    '{"message":"typed 131052-308T"}',
    '["Nieminen^Aino"]',
    '',
  ].join('\n');
  expect(logWithoutPatients(log, 4)).toEqual({
    text: '{"message":"stored","study":"1.2.3"}\n{"message":"typed (personal identity code)"}\n',
    leftOut: 2,
  });
  expect(logWithoutPatients(log, 0)).toEqual({ text: '', leftOut: 0 });
});
