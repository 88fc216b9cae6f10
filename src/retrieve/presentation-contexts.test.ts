import { expect, test } from 'vitest';
import { fakeInstances } from '../../test/support/fake-instances.ts';
import { UID } from '../dicom/uids.ts';
import { chooseContext, proposeContexts } from './presentation-contexts.ts';

const JPEG = '1.2.840.10008.1.2.4.50';
const ECG = '1.2.840.10008.5.1.4.1.1.9.1.1';

function proposed(transferSyntaxUids: readonly string[], recode = true): (readonly string[])[] {
  const instances = transferSyntaxUids.flatMap((transferSyntaxUid) =>
    fakeInstances(1, { transferSyntaxUid, sopClassUid: ECG }),
  );
  return proposeContexts(instances, recode).flatMap((group) => group.contexts.map((c) => c.transferSyntaxes));
}

test('proposes the stored syntax, each little endian one, and what is left for a destination that takes neither', () => {
  expect(proposed([UID.ExplicitVRLittleEndian])).toEqual([
    [UID.ExplicitVRLittleEndian],
    [UID.ImplicitVRLittleEndian],
    [UID.DeflatedExplicitVRLittleEndian, UID.ExplicitVRBigEndian],
  ]);
  expect(proposed([UID.ExplicitVRBigEndian, JPEG])).toEqual([
    [UID.ExplicitVRBigEndian],
    [JPEG],
    [UID.ExplicitVRLittleEndian],
    [UID.ImplicitVRLittleEndian],
    [UID.DeflatedExplicitVRLittleEndian],
  ]);
});

test('proposes nothing that it would have to transcode or was told not to re-encode', () => {
  expect(proposed([JPEG])).toEqual([[JPEG]]);
  expect(proposed([UID.ExplicitVRLittleEndian], false)).toEqual([[UID.ExplicitVRLittleEndian]]);
});

test('sends as stored where that was accepted, else in little endian before the last resorts', () => {
  const [instance] = fakeInstances(1, { transferSyntaxUid: UID.ImplicitVRLittleEndian });
  const accepted = (...syntaxes: string[]) =>
    syntaxes.map((transferSyntax, i) => ({
      id: 2 * i + 1,
      abstractSyntax: instance!.sopClassUid,
      transferSyntax,
      role: { scu: true, scp: false },
      extended: undefined,
    }));
  const chosen = (...syntaxes: string[]) => chooseContext(accepted(...syntaxes), instance!, true)?.pc.transferSyntax;
  expect(chosen(UID.ExplicitVRBigEndian, UID.ExplicitVRLittleEndian, UID.ImplicitVRLittleEndian)).toBe(
    UID.ImplicitVRLittleEndian,
  );
  expect(chosen(UID.ExplicitVRBigEndian, UID.ExplicitVRLittleEndian)).toBe(UID.ExplicitVRLittleEndian);
  expect(chosen(JPEG, UID.ExplicitVRBigEndian)).toBe(UID.ExplicitVRBigEndian);
  expect(chosen(JPEG)).toBeUndefined();
});
