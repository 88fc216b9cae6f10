import { expect, test } from 'vitest';
import { fakeInstances } from '../../test/support/fake-instances.ts';
import { UID } from '../dicom/uids.ts';
import { DigestCheck } from './digest-check.ts';
import { getRoute } from './get-route.ts';
import { SubOperationTally } from './sub-operation-tally.ts';

test('a requestor without the SCP role is told so, and nothing is sent', async () => {
  const instances = fakeInstances(2);
  const tally = new SubOperationTally(instances.length);
  const pc = {
    id: 1,
    abstractSyntax: UID.CTImageStorage,
    transferSyntax: UID.ExplicitVRLittleEndian,
    role: { scu: false, scp: true },
    extended: undefined,
  };
  const notThere = new Error('not there');
  const route = getRoute(
    { contexts: new Map([[1, pc]]), store: () => Promise.reject(new Error('not to be called')), allSent: true },
    {
      objects: { read: () => Promise.reject(notThere), stream: () => expect.unreachable() },
      digests: new DigestCheck({ enabled: false, verify: () => Promise.resolve(undefined), damaged: () => undefined }),
      recode: true,
      priority: 0,
      pendingInterval: 1,
      now: () => 0,
    },
  );
  for await (const _ of route(instances, tally, new AbortController().signal));
  expect(tally.final(false, UID.ExplicitVRLittleEndian)).toMatchObject({
    status: { code: 0xa702, errorComment: 'requestor did not propose the SCP role for CT Image Storage' },
    failed: 2,
  });
});
