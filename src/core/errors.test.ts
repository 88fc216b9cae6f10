import { constants } from 'node:os';
import { expect, test } from 'vitest';
import { errorCode, KuvaError } from './errors.ts';

const { EDQUOT } = constants.errno;

test.for([
  [Object.assign(new Error('full'), { code: 'ENOSPC' }), 'ENOSPC'],
  // What Node makes of EDQUOT.
  [Object.assign(new Error('quota'), { code: `Unknown system error -${EDQUOT}`, errno: -EDQUOT }), 'EDQUOT'],
  [Object.assign(new Error('quota'), { code: 'UNKNOWN', errno: -EDQUOT }), 'EDQUOT'],
  [Object.assign(new Error('new'), { code: 'UNKNOWN', errno: -99999 }), 'UNKNOWN'],
  [new KuvaError('OURS', 'text'), 'OURS'],
  [new Error('plain'), 'UNKNOWN'],
  [null, 'UNKNOWN'],
] as const)('the code of %s is %s', ([error, code]) => {
  expect(errorCode(error)).toBe(code);
});
