import { expect, test } from 'vitest';
import { fakeInstances } from '../../../test/support/fake-instances.ts';
import type { InstanceRef, InstanceSelection } from '../../index/index-types.ts';
import { checkCommitment } from './commitment-check.ts';
import type { ObjectCondition } from './commitment-check.ts';

function deps(instances: readonly InstanceRef[], conditions: Readonly<Record<string, ObjectCondition>> = {}) {
  const suspects: { instanceId: number }[] = [];
  const queries: InstanceSelection[] = [];
  const digests: boolean[] = [];
  return {
    queries,
    digests,
    suspects,
    index: {
      suspects: () => Promise.resolve(suspects),
      async *selectInstances(selection: InstanceSelection) {
        queries.push(selection);
        yield instances.filter((instance) => selection.sopUids?.includes(instance.sopInstanceUid));
      },
    },
    objects: {
      inspect: (sha256: string, _size: number, digest: boolean) => {
        digests.push(digest);
        return Promise.resolve(conditions[sha256] ?? 'good');
      },
    },
    checkDigest: true,
  };
}

const signal = new AbortController().signal;

test('commits what is there and gives the reason for what is not', async () => {
  const [good, gone, flipped, other] = fakeInstances(4) as [InstanceRef, InstanceRef, InstanceRef, InstanceRef];
  const d = deps([good, gone, flipped, other], { [gone.sha256]: 'missing', [flipped.sha256]: 'damaged' });
  const { sopClassUid } = good;
  const references = [
    { sopClassUid, sopInstanceUid: good.sopInstanceUid },
    { sopClassUid, sopInstanceUid: '2.25.404' },
    { sopClassUid, sopInstanceUid: gone.sopInstanceUid },
    { sopClassUid, sopInstanceUid: flipped.sopInstanceUid },
    { sopClassUid: '1.2.3', sopInstanceUid: other.sopInstanceUid },
  ];
  const outcome = await checkCommitment(references, d, signal);
  expect(outcome.committed).toEqual([references[0]]);
  expect(outcome.failed.map((f) => [f.sopInstanceUid, f.failureReason])).toEqual([
    ['2.25.404', 0x0112],
    [gone.sopInstanceUid, 0x0112],
    [flipped.sopInstanceUid, 0x0110],
    [other.sopInstanceUid, 0x0119],
  ]);
  expect(d.digests).toEqual([true, true, true]);
});

test('an instance that is not known to be on the disk is neither committed nor refused: the check is tried again', async () => {
  const instances = fakeInstances(2) as [InstanceRef, InstanceRef];
  const d = deps(instances);
  d.suspects.push({ instanceId: instances[1].instanceId });
  await expect(checkCommitment(instances, d, signal)).rejects.toThrow('not known to be on the disk');
  expect((await checkCommitment([instances[0]], d, signal)).committed).toHaveLength(1);
  d.suspects.pop();
  expect((await checkCommitment(instances, d, signal)).committed).toHaveLength(2);
});

test('asks the index in pieces', async () => {
  const instances = fakeInstances(1200);
  const d = deps(instances);
  const outcome = await checkCommitment(instances, d, signal);
  expect(outcome.committed.length).toBe(1200);
  expect(Math.max(...d.queries.map((q) => q.sopUids?.length ?? 0))).toBeLessThanOrEqual(500);
});

test('a disk error at one file damages that one, any other trouble of the store rejects', async () => {
  const [first, second] = fakeInstances(2) as [InstanceRef, InstanceRef];
  const d = deps([first, second]);
  let code = 'STORE_IO';
  d.objects.inspect = (sha256) =>
    sha256 === first.sha256 ? Promise.reject(Object.assign(new Error('disk'), { code })) : Promise.resolve('good');
  const outcome = await checkCommitment([first, second], d, signal);
  expect(outcome.failed.map((f) => [f.sopInstanceUid, f.failureReason])).toEqual([[first.sopInstanceUid, 0x0110]]);
  code = 'STORE_TOO_MANY_FILES';
  await expect(checkCommitment([first, second], d, signal)).rejects.toThrow('disk');
});

test('an error of the index rejects: nothing is reported from half a look', async () => {
  const d = deps([]);
  // eslint-disable-next-line require-yield
  d.index.selectInstances = async function* () {
    throw new Error('index closed');
  };
  await expect(checkCommitment(fakeInstances(1), d, signal)).rejects.toThrow('index closed');
});
