import { expect, test } from 'vitest';
import { isTemporaryIdText, parseTemporaryIssuer } from './temporary-id.ts';

test('an organisation and a unit issue temporary ids', () => {
  expect(parseTemporaryIssuer('1.2.246.10.2048198.22.2026')).toEqual({
    businessId: '0204819-8',
    unit: null,
    year: 2026,
  });
  expect(parseTemporaryIssuer('1.2.246.10.2048198.10.5.22.2026')).toMatchObject({ unit: '5', year: 2026 });
});

test.each(['1.2.246.21', '1.2.246.10.2048197.22.2026', '1.2.246.10.2048198.22', '1.2.246.10.2048198.22.26', ''])(
  '%s issues none',
  (issuer) => {
    expect(parseTemporaryIssuer(issuer)).toBeUndefined();
  },
);

test('the display form has eleven characters', () => {
  expect(['010126A9ABC', '010126-900X', '010126A9AB', 'TEMP 26 0001'].map(isTemporaryIdText)).toEqual([
    true,
    true,
    false,
    false,
  ]);
});
