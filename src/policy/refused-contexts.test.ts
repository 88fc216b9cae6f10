import { expect, test } from 'vitest';
import { STORAGE_SOP_CLASSES } from '../dicom/sop-class-table.ts';
import { UID } from '../dicom/uids.ts';
import type { AssociationRequest } from '../dimse/association-policy.ts';
import { CT, HOME, access, request } from './access-fixture.ts';

const ELE = UID.ExplicitVRLittleEndian;

async function warningsOf(
  proposed: readonly (readonly [string, ...string[]])[],
  over: Partial<AssociationRequest> = {},
): Promise<string[]> {
  const { policy, warnings } = access({}, [CT]);
  const contexts = proposed.map(([abstractSyntax, ...transferSyntaxes], i) => ({
    id: 2 * i + 1,
    abstractSyntax,
    transferSyntaxes,
  }));
  expect((await policy.decide(request({ contexts, ...over }), HOME)).accept).toBe(true);
  return warnings;
}

test('nothing is said when all is accepted', async () => {
  expect(await warningsOf([[UID.CTImageStorage, ELE]])).toEqual([]);
});

test.each([
  [
    'a service that the AE may not use',
    [UID.StudyRootFind, ELE],
    'StudyRootFind (1.2.840.10008.5.1.4.1.2.2.1): service find is not allowed for CT1, to allow it: kuva ae add CT1 --service echo,store,find',
  ],
  [
    'an unknown class',
    ['1.2.826.0.1.9', ELE],
    '1.2.826.0.1.9: unknown SOP class, to store it name it in dicom.extraSopClasses or set dicom.acceptUnknownSopClasses: true',
  ],
  ['a service that there is not', [UID.ModalityWorklistFind, ELE], 'this node has no such service'],
  [
    'transfer syntaxes',
    [UID.TwelveLeadECGWaveformStorage, UID.DeflatedExplicitVRLittleEndian, '1.2.3'],
    '12-lead ECG Waveform Storage (1.2.840.10008.5.1.4.1.1.9.1.1): no transfer syntax that is taken for it among Deflated Explicit VR Little Endian, 1.2.3,',
  ],
] as const)('%s: one line with class, reason and remedy', async (_, refused, expected) => {
  const warnings = await warningsOf([[UID.CTImageStorage, ELE], refused]);
  expect(warnings).toHaveLength(1);
  expect(warnings[0]).toContain('presentation contexts refused, 1 of 2: ');
  expect(warnings[0]).toContain(expected);
});

test('the SCP role for C-GET names the service get', async () => {
  const roles = [{ sopClassUID: UID.CTImageStorage, scu: false, scp: true }];
  expect((await warningsOf([[UID.CTImageStorage, ELE]], { roles }))[0]).toContain('service get is not allowed for CT1');
});

test('one line of bounded length, however much was proposed', async () => {
  const proposed = [...STORAGE_SOP_CLASSES.keys()].slice(0, 128).map((uid) => [uid, '1.2.3'] as const);
  const [line, ...others] = await warningsOf(proposed);
  expect(others).toEqual([]);
  expect(line).toContain('and 124 more');
  const hostile = Array.from({ length: 128 }, (_, i) => [`1.2.${i}${'1'.repeat(50)}`, '1.2.3'] as const);
  expect((await warningsOf(hostile))[0]!.length).toBeLessThan(1000);
});
