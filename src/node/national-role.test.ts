import { expect, test } from 'vitest';
import { forwarderProblems } from './national-role.ts';

test('every AE that may store at a national node has an organisation of the register', () => {
  const aes = [
    { aet: 'HUSKUVP1', organisation: 'hus', services: ['store', 'commit'] as const },
    { aet: 'NOBODY', organisation: null, services: ['store'] as const },
    { aet: 'STRANGER', organisation: 'nowhere', services: ['store'] as const },
    { aet: 'VIEWER', organisation: null, services: ['find', 'move'] as const },
  ];
  const problems = forwarderProblems(aes, [{ key: 'hus' }]);
  expect(problems).toHaveLength(2);
  expect(problems[0]).toContain('kuva ae add NOBODY --organisation KEY');
  expect(problems[1]).toContain('kuva org set nowhere');
});
