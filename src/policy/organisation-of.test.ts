import { expect, test } from 'vitest';
import { organisationOf } from './organisation-of.ts';

test.each([
  ['its own', { organisation: 'north' }, 'south', 'north'],
  ['the node’s, when it has none', { organisation: null }, 'south', 'south'],
  ['none, when neither has one', { organisation: null }, null, null],
  ['none, when nobody has registered it', undefined, 'south', null],
] as const)('an AE belongs to %s', (_, entry, ofNode, expected) => {
  expect(organisationOf(entry, ofNode)).toBe(expected);
});
