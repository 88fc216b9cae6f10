import { describe, expect, test } from 'vitest';
import { STORAGE_SOP_CLASSES } from '../dicom/sop-class-table.ts';
import { UID } from '../dicom/uids.ts';
import type { AssociationRequest } from '../dimse/association-policy.ts';
import type { AeRow } from '../index/index-types.ts';
import type { AccessOptions } from './access.ts';
import { CT, HOME, access, request } from './access-fixture.ts';

const ILE = UID.ImplicitVRLittleEndian;
const ELE = UID.ExplicitVRLittleEndian;
const EBE = UID.ExplicitVRBigEndian;
const DEFLATED = UID.DeflatedExplicitVRLittleEndian;

describe('what it may do', () => {
  const ALL: AeRow = { ...CT, services: ['echo', 'store', 'find', 'move', 'get', 'commit'] };

  async function contexts(
    entry: AeRow,
    proposed: readonly (readonly [string, ...string[]])[],
    over: Partial<AssociationRequest> = {},
    options: Partial<AccessOptions> = {},
  ) {
    const decision = await access(options, [entry]).policy.decide(
      request({
        contexts: proposed.map(([abstractSyntax, ...transferSyntaxes], i) => ({
          id: 2 * i + 1,
          abstractSyntax,
          transferSyntaxes,
        })),
        ...over,
      }),
      HOME,
    );
    if (!decision.accept) throw new Error(decision.log);
    return {
      results: decision.contexts.map((pc) => (pc.result === 0 ? pc.transferSyntax : pc.result)),
      roles: decision.roles,
      extended: decision.extended,
    };
  }

  test.each([
    ['storage: the first known one of the requestor', UID.CTImageStorage, [ILE, ELE], ILE],
    ['storage: compressed as offered', UID.CTImageStorage, [UID.JPEG2000Lossless, ELE], UID.JPEG2000Lossless],
    ['storage: unknown syntaxes are passed over', UID.CTImageStorage, ['1.2.3.4', ELE], ELE],
    ['storage: big endian not before little endian', UID.CTImageStorage, [EBE, ILE], ILE],
    ['storage: big endian when there is nothing else', UID.CTImageStorage, [EBE], EBE],
    ['storage: nothing known', UID.CTImageStorage, ['1.2.3.4'], 4],
    ['ECG: deflated is refused', UID.TwelveLeadECGWaveformStorage, [DEFLATED], 4],
    ['ECG: little endian', UID.TwelveLeadECGWaveformStorage, [DEFLATED, EBE, ILE], ILE],
    ['document: compressed is refused', UID.EncapsulatedPDFStorage, [UID.RLELossless], 4],
    ['query: explicit little endian is preferred', UID.StudyRootFind, [ILE, EBE, ELE], ELE],
    ['query: a compressed syntax is none', UID.StudyRootFind, [UID.JPEG2000Lossless], 4],
    ['echo', UID.Verification, [ILE], ILE],
    ['commitment', UID.StorageCommitmentPushModel, [ILE, ELE], ELE],
    ['a service that this node lacks', UID.ModalityWorklistFind, [ILE], 3],
    ['a private class', '1.2.826.0.1.9', [ILE], 3],
    ['an empty abstract syntax', '', [ILE], 3],
  ] as const)('%s', async (_, abstractSyntax, syntaxes, expected) => {
    expect((await contexts(ALL, [[abstractSyntax, ...syntaxes]])).results).toEqual([expected]);
  });

  test('every storage SOP class whose objects belong to a study is accepted, and no other', async () => {
    const classes = [...STORAGE_SOP_CLASSES];
    const proposed = classes.map(([uid]) => [uid, ELE] as const);
    expect(proposed.length).toBeGreaterThan(100);
    expect((await contexts(ALL, proposed)).results).toEqual(classes.map(([, { patient }]) => (patient ? ELE : 3)));
  });

  test('services that the AE may not use are refused by the user, result 1', async () => {
    const { results } = await contexts(CT, [
      [UID.Verification, ILE],
      [UID.CTImageStorage, ILE],
      [UID.StudyRootFind, ILE],
      [UID.StudyRootMove, ILE],
      [UID.StorageCommitmentPushModel, ILE],
    ]);
    expect(results).toEqual([ILE, ILE, 1, 1, 1]);
  });

  test('private and unknown classes by configuration, never a service we lack', async () => {
    const storage = { extraSopClasses: ['1.2.826.0.1.9'], acceptUnknownSopClasses: false };
    expect(
      (
        await contexts(
          ALL,
          [
            ['1.2.826.0.1.9', ELE],
            ['1.2.826.0.1.10', ELE],
          ],
          {},
          { storage },
        )
      ).results,
    ).toEqual([ELE, 3]);
    const unknown = { extraSopClasses: [], acceptUnknownSopClasses: true };
    const proposed = [
      ['1.2.826.0.1.10', ELE],
      ['1.2.840.10008.5.1.4.1.1.999', ELE],
      [UID.ModalityWorklistFind, ELE],
    ] as const;
    expect((await contexts(ALL, proposed, {}, { storage: unknown })).results).toEqual([ELE, ELE, 3]);
  });

  test('common extended negotiation: a private class related to a storage class', async () => {
    const commonExtended = [
      {
        sopClassUID: '1.2.826.0.1.9',
        serviceClassUID: '1.2.840.10008.4.2',
        relatedGeneralSopClassUIDs: [UID.CTImageStorage],
      },
    ];
    expect((await contexts(ALL, [['1.2.826.0.1.9', ELE]], { commonExtended })).results).toEqual([ELE]);
    expect(
      (
        await contexts(ALL, [['1.2.826.0.1.9', ELE]], {
          commonExtended: [{ ...commonExtended[0]!, relatedGeneralSopClassUIDs: ['1.2.3'] }],
        })
      ).results,
    ).toEqual([3]);
  });

  test('roles: the requestor receives by C-GET only when it may', async () => {
    const roles = [{ sopClassUID: UID.CTImageStorage, scu: false, scp: true }];
    expect(await contexts(ALL, [[UID.CTImageStorage, ELE]], { roles })).toMatchObject({ results: [ELE], roles });
    expect(await contexts(CT, [[UID.CTImageStorage, ELE]], { roles })).toMatchObject({
      results: [1],
      roles: [{ scu: false, scp: false }],
    });
    const getter: AeRow = { ...CT, services: ['get'] };
    expect(
      await contexts(
        getter,
        [
          [UID.CTImageStorage, ELE],
          [UID.MRImageStorage, ELE],
        ],
        { roles: [{ ...roles[0]!, scu: true }] },
      ),
    ).toMatchObject({ results: [ELE, 1], roles: [{ scu: false, scp: true }] });
  });

  test('roles: nobody becomes SCP of a query class', async () => {
    const roles = [{ sopClassUID: UID.StudyRootFind, scu: true, scp: true }];
    expect((await contexts(ALL, [[UID.StudyRootFind, ELE]], { roles })).roles).toEqual([
      { sopClassUID: UID.StudyRootFind, scu: true, scp: false },
    ]);
  });

  test.each([
    [UID.StudyRootFind, [1, 0, 1, 1, 1], [1, 0, 1, 1, 0]],
    [UID.StudyRootFind, [1], [1]],
    [UID.StudyRootFind, [7, 1, 1], [0, 1, 1]],
    [UID.StudyRootMove, [1, 1], [1, 0]],
    [UID.CTImageStorage, [3, 0, 0, 0, 0, 0], [2, 0, 3, 0, 0, 0]],
  ])('extended negotiation of %s: %j is answered %j', async (sopClassUID, asked, answered) => {
    const { extended } = await contexts(ALL, [[sopClassUID, ELE]], {
      extended: [{ sopClassUID, information: Buffer.from(asked) }],
    });
    expect(extended).toEqual([{ sopClassUID, information: Buffer.from(answered) }]);
  });
});
