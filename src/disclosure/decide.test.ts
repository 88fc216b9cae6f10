import { describe, expect, test } from 'vitest';
import { decide } from './decide.ts';
import type { Question } from './question.ts';
import { agreed, DAYS, DECISIONS, own, updated, will } from './test-support/decision-table.ts';
import { consent, on, POLICY, question } from './test-support/scenario.ts';

function answersOf(over: Partial<Question>): string[] {
  return DAYS.map((day) => {
    const { outcome, basis, reasonCode } = decide(question(day, over), POLICY);
    return outcome === 'permit' ? String(basis) : reasonCode;
  });
}

describe.each(Object.entries(DECISIONS))('%s', (_name, rows) => {
  test.each(rows)('%s', (_what, over, ...answers) => {
    expect(answersOf(over)).toEqual(answers);
  });
});

test('use and disclosure are told apart, and what is out of the ordinary is flagged', () => {
  const at = (over: Partial<Question>) => decide(question('2024-01-02', over), POLICY);
  expect(at(own)).toEqual({
    outcome: 'permit',
    basis: 'OWN_REGISTER',
    logKind: 'USE',
    reasonCode: 'PERMITTED',
    flagged: false,
    law: '703/2023',
  });
  expect(at({ will: will(agreed) })).toMatchObject({ logKind: 'DISCLOSURE', flagged: false });
  expect(at({ ...own, will: will({}), specialReason: 'SP1' })).toMatchObject({ logKind: 'USE', flagged: true });
  expect(at({ ...own, will: will({}), purpose: 'EMERGENCY' })).toMatchObject({ logKind: 'USE', flagged: true });
  expect(at({ purpose: 'EMERGENCY' })).toMatchObject({ logKind: 'DISCLOSURE', flagged: true });
});

test('the law changes at midnight in Finland, and before the first one nothing is disclosed', () => {
  const direct = { channel: 'DIRECT', will: will({ ...updated, consents: [consent('2024-01-01')] }) } as const;
  const at = (ms: number) => decide({ ...question('2024-01-02', direct), at: ms }, POLICY);
  expect(at(on('2024-01-01'))).toMatchObject({ outcome: 'permit', law: '703/2023' });
  expect(at(on('2024-01-01') - 1)).toMatchObject({ outcome: 'deny', law: '784/2021', reasonCode: 'NO_CONSENT' });
  expect(new Date(on('2024-01-01')).toISOString()).toBe('2023-12-31T22:00:00.000Z');
  expect(at(on('2007-06-30'))).toMatchObject({ outcome: 'deny', reasonCode: 'NO_LAW' });
});
