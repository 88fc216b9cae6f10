import { expect, test } from 'vitest';
import { fakeInstances } from '../../test/support/fake-instances.ts';
import { decodeDataSet } from '../dicom/data-set.ts';
import { TAG } from '../dicom/tags.ts';
import { UID } from '../dicom/uids.ts';
import { SubOperationTally } from './sub-operation-tally.ts';
import type { SubOperationResult } from './sub-operation-tally.ts';

const OK: SubOperationResult = { kind: 'completed' };
const WARNING: SubOperationResult = { kind: 'warning', status: 0xb000 };
const FAILED: SubOperationResult = { kind: 'failed', reason: 'peer answered A700' };

function tallyOf(total: number, results: readonly SubOperationResult[]): SubOperationTally {
  const tally = new SubOperationTally(total);
  const instances = fakeInstances(total);
  results.forEach((result, i) => tally.record(instances[i]!, result));
  return tally;
}

test.each([
  { results: [OK, OK], cancelled: false, code: 0x0000, counts: [2, 0, 0] },
  { results: [], cancelled: false, code: 0x0000, counts: [0, 0, 0] },
  { results: [OK, FAILED], cancelled: false, code: 0xb000, counts: [1, 1, 0] },
  { results: [OK, WARNING], cancelled: false, code: 0xb000, counts: [1, 0, 1] },
  { results: [WARNING, FAILED], cancelled: false, code: 0xb000, counts: [0, 1, 1] },
  { results: [FAILED, FAILED], cancelled: false, code: 0xa702, counts: [0, 2, 0] },
  { results: [OK, OK], cancelled: true, code: 0x0000, counts: [2, 0, 0] },
])('final status $code for $results.length results', ({ results, cancelled, code, counts }) => {
  const response = tallyOf(results.length, results).final(cancelled, UID.ImplicitVRLittleEndian);
  expect(response.status.code).toBe(code);
  expect([response.completed, response.failed, response.warning]).toEqual(counts);
  expect(response.remaining).toBeUndefined();
});

test('a cancel that leaves something undone is FE00 with the number remaining', () => {
  const response = tallyOf(5, [OK, FAILED]).final(true, UID.ImplicitVRLittleEndian);
  expect(response).toMatchObject({ status: { code: 0xfe00 }, remaining: 3, completed: 1, failed: 1, warning: 0 });
});

test('the first of each kind of problem is told for the log, bounded', () => {
  const other = (n: number): SubOperationResult => ({ kind: 'failed', reason: `reason ${n}` });
  const results = [OK, FAILED, WARNING, FAILED, other(1), other(2)];
  expect(tallyOf(6, results).final(false, UID.ImplicitVRLittleEndian).problems).toEqual([
    '2.25.2: peer answered A700',
    '2.25.3: peer answered B000',
    '2.25.5: reason 1',
  ]);
});

test('pending counts add up to the total', () => {
  const pending = tallyOf(5, [OK, FAILED, WARNING]).pending();
  expect(pending).toMatchObject({ status: { code: 0xff00 }, remaining: 2, completed: 1, failed: 1, warning: 1 });
  expect(pending.identifier).toBeUndefined();
});

test.each([UID.ImplicitVRLittleEndian, UID.ExplicitVRLittleEndian])(
  'every failed UID is listed, in %s also beyond 64 KiB',
  (syntax) => {
    const instances = fakeInstances(3000).map((instance) => ({
      ...instance,
      sopInstanceUid: `2.25.${10n ** 35n + BigInt(instance.instanceId)}`,
    }));
    const tally = new SubOperationTally(instances.length);
    for (const instance of instances) tally.record(instance, FAILED);
    const { identifier, status } = tally.final(false, syntax);
    expect(status).toMatchObject({ code: 0xa702, errorComment: FAILED.reason });
    const element = decodeDataSet(identifier!, syntax).get(TAG.FailedSOPInstanceUIDList)!;
    expect('bytes' in element && element.bytes.toString('latin1').replace(/\0$/, '').split('\\')).toEqual(
      instances.map((i) => i.sopInstanceUid),
    );
  },
);
