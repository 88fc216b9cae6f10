import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { DEFAULT_PROFILE, shippedFile } from '../../config/shipped-files.ts';
import { statusText } from '../../dimse/status-table.ts';
import { loadProfile } from '../../profile/load-profile.ts';
import { StatusVerdicts } from './status-verdict.ts';

const verdicts = new StatusVerdicts(loadProfile(shippedFile(DEFAULT_PROFILE)).egress);

test.for([
  ['0000', 'success', false],
  ['A770', 'success', false],
  ['A774', 'success', false],
  ['B000', 'warning', false],
  ['B006', 'warning', false],
  ['B123', 'warning', false],
  ['A700', 'retry', true],
  ['A701', 'retry', true],
  ['A7FF', 'retry', true],
  ['A77A', 'retry', false],
  ['0110', 'retry', false],
  ['A771', 'hold', false],
  ['A772', 'hold', false],
  ['A773', 'hold', false],
  ['A775', 'hold', false],
  ['A776', 'hold', false],
  ['A777', 'hold', false],
  ['A778', 'hold', false],
  ['A779', 'hold', false],
  ['A77B', 'hold', false],
  ['A77C', 'hold', false],
  ['A900', 'hold', false],
  ['A9FF', 'hold', false],
  ['C000', 'hold', false],
  ['C409', 'hold', false],
  ['C499', 'hold', false],
  ['CFFF', 'hold', false],
  ['0124', 'hold', false],
  ['0122', 'hold', false],
  ['0211', 'retry', false],
  ['FE00', 'retry', false],
] as const)('%s: %s', ([code, reaction, archiveInTrouble]) => {
  expect(verdicts.of(Number.parseInt(code, 16))).toMatchObject({ reaction, archiveInTrouble });
});

test('every code has a meaning, what holds a study says what to do, and only 0000, the two named ones and warnings count as stored', () => {
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 0xffff }), (code) => {
      const { reaction, cause, remedy } = verdicts.of(code);
      expect(cause).not.toBe('');
      if (reaction === 'hold') expect(remedy).not.toBe('');
      if (reaction === 'success') expect([0, 0xa770, 0xa774]).toContain(code);
      if (reaction === 'warning') expect(code === 0x0111 || code >>> 12 === 0xb).toBe(true);
    }),
    { numRuns: 2000 },
  );
});

test('codes read as in conformance statements', () => {
  expect([0, 0x110, 0xa777].map(statusText)).toEqual(['0000', '0110', 'A777']);
});
