import { expect, test } from 'vitest';
import { isOid, organisationOid, parseOrganisationOid } from './finnish-oid.ts';

test.each([
  ['1.2.246.10.2048198', 'organisation', []],
  ['1.2.246.10.2048198.10.0', 'unit', ['0']],
  ['1.2.246.10.2048198.11.2026.17', 'document', ['2026', '17']],
  ['1.2.246.10.2048198.14.2026.17', 'service-event', ['2026', '17']],
  ['1.2.246.10.2048198.14011.2023.200035', 'service-event', ['2023', '200035']],
  ['1.2.246.10.32213086.19.0', 'controller', ['0']],
  ['1.2.246.10.2048198.22.2026', 'person', ['2026']],
  ['1.2.246.10.2048198.93.1', 'patient-document', ['1']],
  ['1.2.246.10.2048198.99.1', 'other', ['1']],
])('%s is of kind %s', (oid, kind, rest) => {
  expect(parseOrganisationOid(oid)).toMatchObject({ kind, rest });
});

test.each(['1.2.246.21', '1.2.246.10', '1.2.246.10.2048197', '1.2.246.10.02048198', '1.2.246.10.2048198.', 'x'])(
  '%s names no organisation',
  (oid) => {
    expect(parseOrganisationOid(oid)).toBeUndefined();
  },
);

test('the OID of a business id, and what an OID is', () => {
  expect(organisationOid('0204819-8')).toBe('1.2.246.10.2048198');
  expect(['1.2', '2.25.0', '1.02', '1', '3.1', `1.${'2'.repeat(63)}`].map(isOid)).toEqual([
    true,
    true,
    false,
    false,
    false,
    false,
  ]);
});
