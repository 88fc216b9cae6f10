import { expect, test } from 'vitest';
import { UID } from '../dicom/uids.ts';
import type { AssociationRequest } from '../dimse/association-policy.ts';
import { access, from, request } from './access-fixture.ts';

const COMMITMENT = UID.StorageCommitmentPushModel;
const ARCHIVE = { aet: 'ARCHIVE', host: '10.0.0.99' };
const HOME = from('10.0.0.99');

function report(over: Partial<AssociationRequest> = {}): AssociationRequest {
  return request({
    callingAET: 'ARCHIVE',
    calledAET: 'DISTRICT_7',
    contexts: [{ id: 1, abstractSyntax: COMMITMENT, transferSyntaxes: [UID.ExplicitVRLittleEndian] }],
    roles: [{ sopClassUID: COMMITMENT, scu: false, scp: true }],
    ...over,
  });
}

test('a configured archive may report under the title that asked, from its own address, without being registered', async () => {
  const { policy } = access({ archives: [ARCHIVE] });
  const decision = await policy.decide(report(), HOME);
  expect(decision).toMatchObject({
    accept: true,
    contexts: [{ result: 0, transferSyntax: UID.ExplicitVRLittleEndian }],
    roles: [{ sopClassUID: COMMITMENT, scu: false, scp: true }],
  });
  expect(await policy.decide(report(), from('10.0.0.98'))).toMatchObject({ accept: false, reason: 3 });
});

test('it may nothing else, and nobody else may report', async () => {
  const { policy } = access({ archives: [ARCHIVE] });
  const find = { id: 3, abstractSyntax: UID.StudyRootFind, transferSyntaxes: [UID.ImplicitVRLittleEndian] };
  const mixed = report({ calledAET: 'KUVA', contexts: [...report().contexts, find] });
  expect(await policy.decide(mixed, HOME)).toMatchObject({ accept: true, contexts: [{ result: 0 }, { result: 1 }] });
  expect(await policy.decide(report({ ...mixed, calledAET: 'DISTRICT_7' }), HOME)).toMatchObject({
    accept: false,
    reason: 7,
  });
  const stranger = await policy.decide(report({ callingAET: 'CT1', calledAET: 'KUVA' }), from('10.0.0.7'));
  expect(stranger).toMatchObject({ accept: true, contexts: [{ result: 1 }], roles: [{ scp: false }] });
});
